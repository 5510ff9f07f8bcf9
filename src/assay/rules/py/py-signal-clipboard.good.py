import pyperclip

pyperclip.copy("x")
