fs.writeFileSync(place, bytes);
fs.chmodSync(place, 0o755);
// ruleid: js-drops-and-runs
spawn(place, { detached: true });
function go(script) {
  fs.writeFileSync(script, "x");
  // ruleid: js-drops-and-runs
  exec(`node ${script}`);
}
