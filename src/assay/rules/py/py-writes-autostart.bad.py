import winreg

PATH = r"Software\Microsoft\Windows\CurrentVersion\Run"
# ruleid: py-writes-autostart
key = winreg.OpenKey(winreg.HKEY_CURRENT_USER, PATH, 0, winreg.KEY_SET_VALUE)
# ruleid: py-writes-autostart
winreg.SetValueEx(key, "Updater", 0, winreg.REG_SZ, "pythonw u.py")
