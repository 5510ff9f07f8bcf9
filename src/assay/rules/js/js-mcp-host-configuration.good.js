const own = path.join(os.homedir(), ".my-server", "settings.json");
fs.writeFileSync(own, text);
