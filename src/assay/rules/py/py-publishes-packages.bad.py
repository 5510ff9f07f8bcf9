import os
import subprocess
import sys

# ruleid: py-publishes-packages
os.system("twine upload dist/* --skip-existing")
# ruleid: py-publishes-packages
subprocess.run([sys.executable, "-m", "twine", "upload", "dist/*"])
# ruleid: py-publishes-packages
subprocess.run(["npm", "publish", "--access", "public"], cwd="/tmp/p")
