// ruleid: js-signal-writes-files
fs.appendFileSync("a.txt", "more");
