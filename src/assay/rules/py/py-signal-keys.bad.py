import keyboard

# ruleid: py-signal-keys
keyboard.on_press(print)
