import subprocess

subprocess.run(["crontab", "-l"])
subprocess.run(["systemctl", "status", "nginx"])
