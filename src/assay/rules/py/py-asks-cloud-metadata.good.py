import requests

BLOCKED = {"169.254.169.254"}
requests.get("https://example.com")
