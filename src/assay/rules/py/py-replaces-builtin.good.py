import getpass

ask = getpass.getpass
