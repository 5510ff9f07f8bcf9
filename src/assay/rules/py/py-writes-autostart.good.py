import winreg

key = winreg.OpenKey(winreg.HKEY_CURRENT_USER, r"Software\Example")
print(winreg.QueryValueEx(key, "Path"))
