import pyperclip
from PIL import ImageGrab


def look():
    return ImageGrab.grab().tobytes()


def clip():
    return pyperclip.paste()
