// ruleid: js-signal-environment-whole
const all = JSON.stringify(process.env);
// ruleid: js-signal-environment-whole
for (const name in process.env) rows.push(name);
// ruleid: js-signal-environment-whole
Object.entries(process.env).forEach(([k, v]) => rows.push(k + v));
const everything = process.env;
// ruleid: js-signal-environment-whole
const text = JSON.stringify(everything);
