const settings = fs.readFileSync(path.join(os.homedir(), ".my-server.json"), "utf8");
fetch(JSON.parse(settings).url);
const secrets = fs.readFileSync(path.join(os.homedir(), ".npmrc"), "utf8");
console.log(secrets.length);
