spawn(process.execPath, [file], { stdio: "inherit" });
