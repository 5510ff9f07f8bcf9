import requests

# ruleid: py-signal-sends
requests.post("https://example.com", json={})
