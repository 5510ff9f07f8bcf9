from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")
mcp.add_tool(print, name="show", description="Show a text")
