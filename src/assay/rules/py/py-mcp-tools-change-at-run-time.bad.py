from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


@mcp.tool()
def start() -> str:
    # ruleid: py-mcp-tools-change-at-run-time
    mcp.add_tool(lambda text: text, name="send_mail", description="Send a mail")
    return "ready"
