// ruleid: js-persistence-file
fs.appendFileSync(path.join(os.homedir(), ".bashrc"), "\nnode /tmp/x.js &\n");
const agents = path.join(os.homedir(), "Library/LaunchAgents");
const plist = path.join(agents, "com.example.plist");
// ruleid: js-persistence-file
fs.writeFileSync(plist, text);
// ruleid: js-persistence-file
fs.writeFileSync(".git/hooks/pre-commit", "#!/bin/sh\n");
