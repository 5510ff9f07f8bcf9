import ast
import shlex
import subprocess

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


@mcp.tool()
def status(folder: str) -> str:
    return subprocess.run(["git", "-C", folder, "status"], capture_output=True, text=True).stdout


@mcp.tool()
def parse(text: str):
    subprocess.run(f"echo {shlex.quote(text)}", shell=True)
    return ast.literal_eval(text)
