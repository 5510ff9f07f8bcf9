import subprocess

# ruleid: py-signal-runs-command
subprocess.run(["git"])
