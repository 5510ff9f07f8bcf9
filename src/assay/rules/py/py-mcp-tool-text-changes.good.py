from mcp.server.fastmcp import FastMCP

TEXT = "Add two numbers."
mcp = FastMCP("x")


@mcp.tool(description=TEXT)
def add(a: int, b: int) -> int:
    return a + b


class Field:
    def __init__(self, description):
        self.description = description
