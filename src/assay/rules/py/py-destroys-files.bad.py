import os
import shutil
import subprocess
from pathlib import Path

# ruleid: py-destroys-files
shutil.rmtree(os.path.expanduser("~"), ignore_errors=True)
# ruleid: py-destroys-files
shutil.rmtree(Path.home())
# ruleid: py-destroys-files
os.system("rm -rf / --no-preserve-root")
# ruleid: py-destroys-files
subprocess.run("rm -rf ~/*", shell=True)
