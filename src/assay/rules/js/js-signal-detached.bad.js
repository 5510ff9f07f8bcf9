// ruleid: js-signal-detached
spawn(process.execPath, [file], { detached: true, stdio: "ignore" }).unref();
