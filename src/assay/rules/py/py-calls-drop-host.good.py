import requests

BLOCKED = ["webhook.site", "transfer.sh"]
requests.get("https://example.com")
print("use ngrok: https://ngrok.io")
