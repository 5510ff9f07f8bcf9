// ruleid: js-decoder-loop
for (let i = 0; i < t.length; i++) out += String.fromCharCode(t.charCodeAt(i) ^ key.charCodeAt(i % 5));
// ruleid: js-decoder-loop
const url = [11, 22, 33].map((c) => String.fromCharCode(c ^ 7)).join("");
