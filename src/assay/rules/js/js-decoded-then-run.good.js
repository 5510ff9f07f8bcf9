const picture = Buffer.from(text, "base64");
fs.writeFileSync("a.png", picture);
eval("1 + 1");
const settings = JSON.parse(atob(text));
