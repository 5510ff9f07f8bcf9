import socket

import requests

# ruleid: py-calls-raw-address
requests.get("http://45.77.12.9:8000/x")
s = socket.socket()
# ruleid: py-calls-raw-address
s.connect(("185.22.61.4", 4444))
