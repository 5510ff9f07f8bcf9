print("add this to claude_desktop_config.json")
