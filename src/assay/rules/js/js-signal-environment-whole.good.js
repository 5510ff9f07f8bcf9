const one = JSON.stringify(process.env.PORT);
const { PORT } = process.env;
