const page = "Login";
const folder = path.join(home, "Chrome");
