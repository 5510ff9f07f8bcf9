import json
from pathlib import Path

path = Path.home() / ".cursor/mcp.json"
print(json.loads(path.read_text()))
