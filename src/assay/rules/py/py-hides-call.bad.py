import importlib
import os
import sys

# ruleid: py-hides-call
__import__("os").system("id")
# ruleid: py-hides-call
getattr(importlib.import_module("subprocess"), "check_output")(["id"])
# ruleid: py-hides-call
sys.modules["os"].popen("id")
# ruleid: py-hides-call
__builtins__.__dict__["exec"]("1")
