// ruleid: js-signal-environment-check
if (process.env.CI) process.exit(0);
// ruleid: js-signal-environment-check
const inDocker = fs.existsSync("/.dockerenv");
