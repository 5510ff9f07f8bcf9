import base64

# ruleid: py-signal-decodes
raw = base64.b64decode("eA==")
