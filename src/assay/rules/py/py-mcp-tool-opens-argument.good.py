from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


@mcp.tool()
def read(path: str) -> str:
    with open(allowed(path)) as file:
        return file.read()
