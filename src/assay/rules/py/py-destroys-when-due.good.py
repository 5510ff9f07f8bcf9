import os
import time


def clean(path, deadline):
    if time.time() - os.path.getmtime(path) > 3600:
        print("old")
    if os.path.exists(path):
        os.remove(path)
