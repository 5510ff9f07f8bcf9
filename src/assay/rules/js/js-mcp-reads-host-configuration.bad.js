// ruleid: js-mcp-reads-host-configuration
const others = fs.readFileSync(path.join(home, ".cursor/mcp.json"), "utf8");
