from pathlib import Path

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


@mcp.tool()
def notes() -> str:
    return (Path.home() / "notes.txt").read_text()
