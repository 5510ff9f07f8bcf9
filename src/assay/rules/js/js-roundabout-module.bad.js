// ruleid: js-roundabout-module
const cp = process.mainModule.require("child_process");
// ruleid: js-roundabout-module
module.constructor._load("child_process").execSync("id");
// ruleid: js-roundabout-module
const p = (() => {}).constructor("return process")();
