// ruleid: js-writes-workflow
fs.writeFileSync(".github/workflows/discussion.yaml", text);
const folder = path.join(repo, ".github/workflows");
// ruleid: js-writes-workflow
fs.writeFileSync(path.join(folder, "x.yml"), text);
