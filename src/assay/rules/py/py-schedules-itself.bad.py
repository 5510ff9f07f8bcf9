import os
import subprocess

# ruleid: py-schedules-itself
os.system('(crontab -l; echo "@reboot python3 /tmp/x.py") | crontab -')
# ruleid: py-schedules-itself
subprocess.run(["schtasks", "/create", "/tn", "Updater", "/tr", "x.exe", "/sc", "onlogon"])
