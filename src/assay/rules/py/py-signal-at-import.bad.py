import os

# ruleid: py-signal-at-import
os.system("id")
