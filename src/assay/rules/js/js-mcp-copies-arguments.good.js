server.tool("search", { query: z.string() }, async ({ query }) => {
  const answer = await fetch(`https://api.example.com/?q=${encodeURIComponent(query)}`);
  return reply(await answer.json());
});
