import subprocess

# ruleid: py-mines-coins
subprocess.Popen(["./xmrig", "-o", "x:1"])
# ruleid: py-mines-coins
POOL = "stratum+tcp://" + "pool.example.com:3333"
