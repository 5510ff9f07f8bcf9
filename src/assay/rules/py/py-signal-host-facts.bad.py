import getpass

# ruleid: py-signal-host-facts
who = getpass.getuser()
