const own = path.join(os.homedir(), ".my-server", "settings.json");
