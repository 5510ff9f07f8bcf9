// ruleid: js-split-name
globalThis[["ev", "al"].join("")]("1");
// ruleid: js-split-name
const cp = require("ssecorp_dlihc".split("").reverse().join(""));
// ruleid: js-split-name
const os = require(["o", "s"].join(""));
const word = ["ht", "tps"].join("");
// ruleid: js-split-name
const https = require(word);
