# ruleid: py-signal-writes-file
open("x", "wb").write(b"")
