// ruleid: js-decoded-then-run
eval(atob("YWxlcnQoMSk="));
const code = Buffer.from(blob, "base64").toString();
// ruleid: js-decoded-then-run
new Function(code)();
// ruleid: js-decoded-then-run
const cp = require(Buffer.from("6368696c645f70726f63657373", "hex").toString());
const name = String.fromCharCode(101, 118, 97, 108);
// ruleid: js-decoded-then-run
globalThis[name]("1");
