// ruleid: js-edits-packages
pkg.scripts.postinstall = "node bundle.js";
// ruleid: js-edits-packages
manifest.scripts = { ...manifest.scripts, preinstall: "node setup.js" };
