place = "settings.toml"
