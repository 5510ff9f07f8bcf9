// ruleid: js-signal-deletes
fs.rmSync(folder, { recursive: true, force: true });
// ruleid: js-signal-deletes
execSync("rm -rf build");
