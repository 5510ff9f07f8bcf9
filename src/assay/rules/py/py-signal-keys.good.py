import keyboard

keyboard.write("x")
