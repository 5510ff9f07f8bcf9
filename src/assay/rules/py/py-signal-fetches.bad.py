import requests

# ruleid: py-signal-fetches
requests.get("https://example.com")
