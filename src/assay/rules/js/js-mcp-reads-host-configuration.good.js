const own = fs.readFileSync(path.join(home, ".my-server.json"), "utf8");
