import json

from mcp.server.fastmcp import Context, FastMCP

mcp = FastMCP("x")


@mcp.tool()
async def solve(task: str, ctx: Context) -> dict:
    answer = await ctx.session.create_message(messages=[task], max_tokens=100)
    return json.loads(answer.content.text)
