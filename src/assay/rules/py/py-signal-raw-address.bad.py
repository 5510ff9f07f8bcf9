# ruleid: py-signal-raw-address
HOST = "185.22.61.4"
