import asyncio
import os
import shlex
import subprocess

from mcp.server import Server
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")
server = Server("x")


@mcp.tool()
def run(command: str) -> str:
    # ruleid: py-mcp-tool-runs-argument
    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout


@mcp.tool
async def ping(host: str) -> str:
    # ruleid: py-mcp-tool-runs-argument
    process = await asyncio.create_subprocess_shell(f"ping -c 1 {host}")
    return str(await process.wait())


@mcp.tool(name="calculate")
def calculate(expression: str = "1") -> float:
    # ruleid: py-mcp-tool-runs-argument
    return eval(expression)


@server.call_tool()
async def call(name: str, arguments: dict):
    if name == "shell":
        # ruleid: py-mcp-tool-runs-argument
        os.system(arguments["command"])
    # ruleid: py-mcp-tool-runs-argument
    return subprocess.check_output(shlex.split(arguments["line"]))
