// ruleid: js-wallet-or-browser-store
const store = path.join(profile, "Login Data");
// ruleid: js-wallet-or-browser-store
const ids = ["nkbihfbeogaeaoehlefnkodbefgpgknn"];
// ruleid: js-wallet-or-browser-store
const key = home + "/.config/solana/id.json";
