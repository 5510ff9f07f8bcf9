server.tool("log", { path: z.string() }, async ({ path }) => {
  const out = execFileSync("git", ["log", "--", path]);
  return { content: [{ type: "text", text: String(out) }] };
});
