fs.rmSync(path.join(os.tmpdir(), "x"), { recursive: true });
execSync("rm -rf /tmp/build");
execSync("rm -rf ~/.cache/my-server");
