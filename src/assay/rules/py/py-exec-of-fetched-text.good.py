import json

import requests


def answer():
    return json.loads(requests.get("https://example.com").text)


def calculate(node):
    return eval(node, {"__builtins__": {}})
