// ruleid: js-publishes
execSync("npm publish --access public");
// ruleid: js-publishes
spawn("npm", ["publish"], { cwd: folder });
// ruleid: js-publishes
const token = text.match(/_authToken=(.+)/)[1];
