from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


@mcp.tool()
def read(path: str) -> str:
    # ruleid: py-mcp-tool-opens-argument
    with open(path) as file:
        return file.read()
