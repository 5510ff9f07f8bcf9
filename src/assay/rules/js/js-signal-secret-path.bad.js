// ruleid: js-signal-secret-path
const npmrc = path.join(os.homedir(), ".npmrc");
// ruleid: js-signal-secret-path
const keys = [".ssh/id_rsa", ".aws/credentials"];
