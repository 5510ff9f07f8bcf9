async function load() {
  const answer = await fetch("https://example.com/x.json");
  return JSON.parse(await answer.text());
}
child.stdout.on("data", (chunk) => (text += chunk));
