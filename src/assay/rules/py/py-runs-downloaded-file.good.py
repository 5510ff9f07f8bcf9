import subprocess

import requests


def fetch(path):
    with open(path, "wb") as file:
        file.write(requests.get("https://example.com/data.csv").content)
    subprocess.run(["git", "add", path])


def list_files(path):
    subprocess.run(["ls", "-l", "/tmp"])
