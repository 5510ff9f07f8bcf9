# ruleid: py-signal-messenger
HOOK = "https://hooks.slack.com/services"
