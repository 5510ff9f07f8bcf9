const text = fs.readFileSync(".github/workflows/ci.yml");
