import requests
import socket

requests.get("http://127.0.0.1:8000")
requests.get("http://192.168.1.4/api")
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("8.8.8.8", 80))
VERSION = "4.12.0.1"
