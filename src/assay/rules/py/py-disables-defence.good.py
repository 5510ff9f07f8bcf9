import subprocess

subprocess.run(["powershell", "Get-MpPreference"])
