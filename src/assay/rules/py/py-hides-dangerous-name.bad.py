import base64
import builtins
import importlib
import os

# ruleid: py-hides-dangerous-name
getattr(os, "sys" + "tem")("id")
# ruleid: py-hides-dangerous-name
__import__("so"[::-1])
# ruleid: py-hides-dangerous-name
importlib.import_module(base64.b64decode("c3VicHJvY2Vzcw==").decode())
# ruleid: py-hides-dangerous-name
builtins.__dict__["".join(["e", "x", "ec"])]("1")
# ruleid: py-hides-dangerous-name
getattr(builtins, "".join(chr(c) for c in (101, 118, 97, 108)))("1")
