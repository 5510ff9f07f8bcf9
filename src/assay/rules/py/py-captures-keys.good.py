import keyboard
from pynput.keyboard import Controller

Controller().press("a")
keyboard.write("hello")
