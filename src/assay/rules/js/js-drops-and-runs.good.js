fs.writeFileSync(report, text);
execFile("git", ["add", "."]);
