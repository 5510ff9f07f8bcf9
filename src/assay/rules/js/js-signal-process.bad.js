const cp = require("child_process");
// ruleid: js-signal-process
cp.exec("ls");
const { spawn: start } = require("child_process");
// ruleid: js-signal-process
start("ls", ["-l"]);
// ruleid: js-signal-process
require("node:child_process").execFileSync("ls");
