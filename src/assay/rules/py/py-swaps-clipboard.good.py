import pyperclip


def copy_text(text):
    pyperclip.copy(text)


def paste_text():
    return pyperclip.paste()
