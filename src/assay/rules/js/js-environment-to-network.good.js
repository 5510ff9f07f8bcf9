const token = process.env.API_TOKEN;
fetch("https://example.com", { headers: { authorization: `Bearer ${token}` } });

const child = spawn("node", ["x.js"], { env: { ...process.env, A: "1" } });
const { HOST, PORT } = process.env;
http.get({ host: HOST, port: PORT });

const settings = parse(process.env);
fetch(settings.url, { body: JSON.stringify({ model: settings.model }) });
