const child = spawn("node", ["x.js"]);
input.pipe(child.stdin);
child.stdout.pipe(process.stdout);
