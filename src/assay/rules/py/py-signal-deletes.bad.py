import shutil

# ruleid: py-signal-deletes
shutil.rmtree("build")
