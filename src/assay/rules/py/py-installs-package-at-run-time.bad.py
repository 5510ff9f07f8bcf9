import os
import subprocess
import sys

# ruleid: py-installs-package-at-run-time
subprocess.check_call([sys.executable, "-m", "pip", "install", "colours"])
# ruleid: py-installs-package-at-run-time
os.system("pip install colours -q")
