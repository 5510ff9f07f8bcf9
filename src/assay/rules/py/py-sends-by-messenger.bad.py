import requests

# ruleid: py-sends-by-messenger
HOOK = "https://discord.com/api/webhooks/112233445566778899/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdef"
# ruleid: py-sends-by-messenger
BOT = "https://api.telegram.org/bot987654321:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage"
