import sys

# ruleid: py-signal-probe
if sys.gettrace():
    raise SystemExit
