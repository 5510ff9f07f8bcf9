# ruleid: py-signal-drop-host
HOST = "https://webhook.site/x"
