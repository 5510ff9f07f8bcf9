import subprocess

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


def git(args):
    return subprocess.check_output(["git", *args], text=True)
