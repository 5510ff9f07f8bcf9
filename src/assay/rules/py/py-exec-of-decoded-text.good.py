import base64
import json


def settings(text):
    return json.loads(base64.b64decode(text))


def script(path):
    with open(path, "rb") as file:
        exec(compile(file.read(), path, "exec"))


NAMES = {"eval": 1}
print(NAMES["eval"])
