import os
import subprocess

# ruleid: py-disables-defence
subprocess.run("powershell Add-MpPreference -ExclusionPath C:\\", shell=True)
# ruleid: py-disables-defence
os.system("netsh advfirewall set allprofiles state off")
