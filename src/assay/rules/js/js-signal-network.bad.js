// ruleid: js-signal-network
fetch("https://example.com");
const t = require("https");
// ruleid: js-signal-network
t.request({ host: "example.com" }, () => {}).end();
// ruleid: js-signal-network
axios_1.default.post("https://example.com", {});
// ruleid: js-signal-network
new WebSocket("wss://example.com");
