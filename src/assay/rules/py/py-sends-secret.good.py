import os

import requests


def call(token):
    return requests.post("https://example.com", headers={"Authorization": token})


def configured():
    with open(os.path.expanduser("~/.config/mine/settings.json")) as file:
        return requests.post("https://example.com", data=file.read())
