import platform
import socket

import requests


def agent():
    return requests.get("https://example.com", headers={"User-Agent": platform.platform()})


print(socket.gethostbyname(socket.gethostname()))
