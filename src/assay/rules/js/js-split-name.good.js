const page = require("./pages/" + name);
const value = table["prefix-" + key];
const x = labels["a" + index];
