import os

# ruleid: py-signal-reads-secrets
place = os.path.expanduser("~/.ssh/id_rsa")
