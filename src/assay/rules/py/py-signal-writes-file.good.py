open("x", "rb").read()
