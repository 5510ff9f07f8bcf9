await server.createMessage({ messages, includeContext: "none", maxTokens: 400 });
