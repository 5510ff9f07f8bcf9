const os = require("os");
// ruleid: js-signal-host-facts
const name = os.hostname();
// ruleid: js-signal-host-facts
const user = require("os").userInfo().username;
