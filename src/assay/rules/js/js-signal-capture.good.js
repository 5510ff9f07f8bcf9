execSync("pbcopy", { input: "hi" });
