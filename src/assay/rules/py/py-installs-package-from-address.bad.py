import os
import subprocess
import sys

# ruleid: py-installs-package-from-address
subprocess.run([sys.executable, "-m", "pip", "install", "https://example.com/x-1.0.tar.gz"])
# ruleid: py-installs-package-from-address
os.system("pip install --index-url https://example.com/simple colours")
