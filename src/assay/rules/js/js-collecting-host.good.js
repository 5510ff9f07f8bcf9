const api = "https://discord.com/api/v10";
const text = "See https://webhook.example/ for help";
