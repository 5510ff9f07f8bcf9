import pyperclip

# ruleid: py-signal-clipboard
text = pyperclip.paste()
