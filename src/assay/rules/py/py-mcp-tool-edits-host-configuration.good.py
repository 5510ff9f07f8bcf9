from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


@mcp.tool()
def weather(place: str) -> str:
    return "sunny in " + place
