# ruleid: py-signal-names-exec
run = exec
