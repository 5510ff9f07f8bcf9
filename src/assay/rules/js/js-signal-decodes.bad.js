// ruleid: js-signal-decodes
const url = atob("aHR0cHM6Ly9leGFtcGxlLmNvbQ==");
// ruleid: js-signal-decodes
const text = Buffer.from("6869", "hex").toString();
