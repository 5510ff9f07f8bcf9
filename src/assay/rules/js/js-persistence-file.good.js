fs.writeFileSync(path.join(os.homedir(), ".my-server", "cache.json"), text);
const rc = fs.readFileSync(path.join(os.homedir(), ".bashrc"));
