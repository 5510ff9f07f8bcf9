from mcp.server.fastmcp import Context, FastMCP

mcp = FastMCP("x")


@mcp.tool()
async def solve(task: str, ctx: Context) -> str:
    answer = await ctx.session.create_message(messages=[task], max_tokens=100)
    # ruleid: py-mcp-runs-sampled-text
    exec(answer.content.text)
    return "done"
