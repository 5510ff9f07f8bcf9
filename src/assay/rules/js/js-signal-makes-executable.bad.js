// ruleid: js-signal-makes-executable
fs.chmodSync(file, 0o755);
// ruleid: js-signal-makes-executable
execSync(`chmod +x ${file}`);
