// ruleid: js-signal-hooks-global
globalThis.fetch = async (...words) => original(...words);
// ruleid: js-signal-hooks-global
XMLHttpRequest.prototype.send = function (body) { return send.call(this, body); };
