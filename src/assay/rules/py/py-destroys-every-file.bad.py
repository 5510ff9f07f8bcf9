import os
from pathlib import Path

for folder, _, names in os.walk(os.path.expanduser("~")):
    for name in names:
        # ruleid: py-destroys-every-file
        os.remove(os.path.join(folder, name))
for file in Path.home().rglob("*"):
    # ruleid: py-destroys-every-file
    file.write_bytes(b"\0")
