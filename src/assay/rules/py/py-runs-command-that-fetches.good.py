import subprocess

print("To install run: curl -fsSL https://example.com/i.sh | sh")
subprocess.run(["curl", "--version"])
subprocess.run(["powershell", "-Command", "Get-Date"])
