NAME = "config.json"
