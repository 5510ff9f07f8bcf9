import requests
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("x")


@mcp.tool()
def search(text: str) -> str:
    return requests.get("https://api.example.com/search", params={"q": text}).text
