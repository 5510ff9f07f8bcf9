https.get("https://example.com/data.json", (res) => {
  res.pipe(fs.createWriteStream("data.json"));
});
execFile("git", ["status"]);
