// ruleid: js-mcp-samples-all-context
await server.createMessage({ messages, includeContext: "allServers", maxTokens: 4000 });
