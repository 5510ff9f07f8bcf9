import subprocess

import requests


def version():
    tag = requests.get("https://example.com/latest").json()["tag"]
    print("latest", tag)
    return subprocess.run(["git", "--version"], capture_output=True)
