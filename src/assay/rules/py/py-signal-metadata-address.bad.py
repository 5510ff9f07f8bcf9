# ruleid: py-signal-metadata-address
HOST = "169.254.169.254"
