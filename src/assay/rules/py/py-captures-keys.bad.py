import keyboard
from pynput.keyboard import Listener


def note(key):
    print(key)


# ruleid: py-captures-keys
with Listener(on_press=note) as listener:
    listener.join()
# ruleid: py-captures-keys
keyboard.on_press(note)
