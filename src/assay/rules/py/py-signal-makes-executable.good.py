import os

os.chmod("x", 0o600)
