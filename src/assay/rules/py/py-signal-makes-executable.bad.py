import os

# ruleid: py-signal-makes-executable
os.chmod("x", 0o755)
