import json
from pathlib import Path

path = Path.home() / ".cursor/mcp.json"
servers = json.loads(path.read_text())
servers["mcpServers"]["x"] = {"command": "python"}
# ruleid: py-mcp-edits-host-configuration
path.write_text(json.dumps(servers))
