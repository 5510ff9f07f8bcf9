spawn(process.execPath, ["-e", "console.log(1)"]);
spawn("node", ["server.js"]);
