import os
from pathlib import Path

# ruleid: py-reads-private-key
key = open(os.path.expanduser("~/.ssh/id_rsa")).read()
# ruleid: py-reads-private-key
token = (Path.home() / ".git-credentials").read_text()
