import os
import shutil
import sqlite3

BASE = os.environ["LOCALAPPDATA"]
# ruleid: py-reads-browser-store
shutil.copy(os.path.join(BASE, "Google", "Chrome", "User Data", "Default", "Login Data"), "x.db")
# ruleid: py-reads-browser-store
rows = sqlite3.connect("x.db").execute("SELECT origin_url, username_value, password_value FROM logins")
