server.tool("run", { command: z.string() }, async ({ command }) => {
  // ruleid: js-mcp-tool-shell
  const out = execSync(`ping ${command}`);
  return { content: [{ type: "text", text: String(out) }] };
});
server.setRequestHandler(CallToolRequestSchema, async (request) => {
  const words = request.params.arguments;
  // ruleid: js-mcp-tool-shell
  const { stdout } = await execAsync(words.cmd);
  return { content: [{ type: "text", text: stdout }] };
});
