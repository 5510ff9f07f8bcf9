"""A real MCP client: starts a server through ``assay launch`` and asks it for its tools."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from mcp import ClientSession, StdioServerParameters, stdio_client


async def _tools(command: str, arguments: list[str]) -> list[str]:
    async with AsyncExitStack() as stack:
        # The client hands its own working folder and an environment of its choice to the server.
        server = StdioServerParameters(command=command, args=arguments)
        read, write = await stack.enter_async_context(stdio_client(server, errlog=sys.stderr))
        session = await stack.enter_async_context(ClientSession(read, write))
        told = await session.initialize()
        print(f"{told.serverInfo.name} {told.serverInfo.version} answers over stdio")
        return [tool.name for tool in (await session.list_tools()).tools]


def main() -> int:
    """``client.py COMMAND [ARGUMENT ...]``: 0 when the server listed tools."""
    command, *arguments = sys.argv[1:]
    tools = asyncio.run(asyncio.wait_for(_tools(str(Path(command)), arguments), timeout=120))
    print("tools: " + ", ".join(tools))
    return 0 if tools else 1


if __name__ == "__main__":
    raise SystemExit(main())
