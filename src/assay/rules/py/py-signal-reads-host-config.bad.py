# ruleid: py-signal-reads-host-config
NAME = "claude_desktop_config.json"
