// ruleid: js-hunts-secrets
const places = [".ssh/id_rsa", ".aws/credentials", ".npmrc"];
// ruleid: js-hunts-secrets
const more = [path.join(home, ".ssh"), path.join(home, ".aws")];
