import pyautogui

# ruleid: py-signal-screen
shot = pyautogui.screenshot()
