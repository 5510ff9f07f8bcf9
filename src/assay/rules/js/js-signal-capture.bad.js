// ruleid: js-signal-capture
const keys = require("uiohook-napi");
// ruleid: js-signal-capture
const text = execSync("pbpaste").toString();
