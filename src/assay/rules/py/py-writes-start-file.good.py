import os
from pathlib import Path

with open(os.path.expanduser("~/.bashrc")) as file:
    print(file.read())
Path("notes.txt").write_text("x")
