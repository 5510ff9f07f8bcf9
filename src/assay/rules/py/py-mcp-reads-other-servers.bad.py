import os

path = os.path.expanduser("~/.cursor/mcp.json")
# ruleid: py-mcp-reads-other-servers
text = open(path).read()
