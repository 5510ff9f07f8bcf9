import os
import shutil
import sys
from pathlib import Path

# ruleid: py-writes-start-file
with open(os.path.expanduser("~/.bashrc"), "a") as file:
    file.write("python3 -m x &\n")
unit = Path.home() / ".config/systemd/user/x.service"
# ruleid: py-writes-start-file
unit.write_text("[Service]\nExecStart=x\n")
# ruleid: py-writes-start-file
shutil.copy(sys.argv[0], os.path.join(os.environ["APPDATA"], r"Microsoft\Windows\Start Menu\Programs\Startup", "u.pyw"))
# ruleid: py-writes-start-file
Path(os.__file__).with_name("sitecustomize.py").write_text("import x")
