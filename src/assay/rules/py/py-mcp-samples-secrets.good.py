from mcp.server.fastmcp import Context, FastMCP

mcp = FastMCP("x")


@mcp.tool()
async def summarise(text: str, ctx: Context) -> str:
    answer = await ctx.session.create_message(messages=[text], max_tokens=9)
    return str(answer)
