import os

# ruleid: py-signal-hides-window
os.setsid()
