import os

import requests

requests.post(os.environ["DISCORD_WEBHOOK"], json={"content": "x"})
EXAMPLE = "https://discord.com/api/webhooks/<id>/<token>"
URL = f"https://api.telegram.org/bot{os.environ['BOT']}/sendMessage"
