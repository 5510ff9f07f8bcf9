import subprocess

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


def shell(cmd):
    # ruleid: py-mcp-server-runs-parameter
    return subprocess.check_output(cmd, shell=True, text=True)


@mcp.tool()
def look(folder: str) -> str:
    return shell("ls " + folder)
