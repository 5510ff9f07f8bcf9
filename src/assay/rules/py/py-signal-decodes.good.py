import base64

text = base64.b64encode(b"x")
