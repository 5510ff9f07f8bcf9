const run = evaluate;
run(text);
const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;
