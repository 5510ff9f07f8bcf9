import datetime
import os
import shutil

if datetime.datetime.now() >= datetime.datetime(2027, 1, 1):
    # ruleid: py-destroys-when-due
    shutil.rmtree(os.getcwd())
