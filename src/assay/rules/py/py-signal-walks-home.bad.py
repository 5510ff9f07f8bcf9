import os

# ruleid: py-signal-walks-home
for _ in os.walk(os.path.expanduser("~")):
    pass
