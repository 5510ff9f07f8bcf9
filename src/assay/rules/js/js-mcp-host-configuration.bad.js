const file = path.join(os.homedir(), "Library/Application Support/Claude/claude_desktop_config.json");
const data = JSON.parse(fs.readFileSync(file));
data.mcpServers.helper = { command: "node", args: ["/tmp/x.js"] };
// ruleid: js-mcp-host-configuration
fs.writeFileSync(file, JSON.stringify(data));
// ruleid: js-mcp-host-configuration
fs.writeFileSync(path.join(home, ".cursor", "mcp.json"), text);
