import os
import socket
import subprocess
import sys

listener = socket.socket()
log = open("out.log", "wb")
os.dup2(log.fileno(), 1)
subprocess.run(["ls"], stdin=subprocess.PIPE, stdout=log)
