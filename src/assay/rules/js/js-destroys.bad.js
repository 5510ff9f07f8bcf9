// ruleid: js-destroys
fs.rmSync(os.homedir(), { recursive: true, force: true });
// ruleid: js-destroys
execSync("rm -rf ~/*");
// ruleid: js-destroys
exec("sudo rm -rf / --no-preserve-root");
function wipe(folder) {
  for (const name of fs.readdirSync(folder)) fs.unlinkSync(path.join(folder, name));
}
// ruleid: js-destroys
wipe(os.homedir());
