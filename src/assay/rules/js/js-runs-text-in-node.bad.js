// ruleid: js-runs-text-in-node
spawn(process.execPath, ["-e", payload], { detached: true });
// ruleid: js-runs-text-in-node
spawn("node", ["-e", payload]);
