server.registerTool("fact", { description: "Says a fact.", inputSchema }, handler);
const option = { description: verbose ? "long" : "short" };
