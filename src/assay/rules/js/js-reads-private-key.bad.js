// ruleid: js-reads-private-key
const key = fs.readFileSync(path.join(os.homedir(), ".ssh", "id_ed25519"));
const file = path.join(os.homedir(), ".npmrc");
// ruleid: js-reads-private-key
const text = fs.readFileSync(file, "utf8");
