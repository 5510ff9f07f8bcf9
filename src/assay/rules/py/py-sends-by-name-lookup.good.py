import os
import socket

socket.getaddrinfo(os.environ.get("HOST", "example.com"), 443)
socket.gethostbyname("example.com")
