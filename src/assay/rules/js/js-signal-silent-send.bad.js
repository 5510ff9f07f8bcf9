// ruleid: js-signal-silent-send
fetch("https://example.com", { method: "POST", body }).catch(() => {});
// ruleid: js-signal-silent-send
req.on("error", () => {});
