// ruleid: js-signal-environment
const token = process.env.GITHUB_TOKEN;
// ruleid: js-signal-environment
const key = process.env["AWS_SECRET_ACCESS_KEY"];
