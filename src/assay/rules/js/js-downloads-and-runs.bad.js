https.get("https://example.com/tool", (res) => {
  const out = fs.createWriteStream(file);
  res.pipe(out);
  out.on("finish", () => {
    // ruleid: js-downloads-and-runs
    execFile(file);
  });
});
async function install() {
  const answer = await fetch(url);
  fs.writeFileSync(target, Buffer.from(await answer.arrayBuffer()));
  fs.chmodSync(target, 0o755);
  // ruleid: js-downloads-and-runs
  spawn(target, [], { detached: true });
}
