// ruleid: js-signal-reads-files
const text = fs.readFileSync("a.txt", "utf8");
