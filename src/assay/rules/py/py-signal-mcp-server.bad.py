from mcp.server.fastmcp import FastMCP

# ruleid: py-signal-mcp-server
mcp = FastMCP("x")
