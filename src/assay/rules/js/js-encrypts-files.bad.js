function lock(file) {
  // ruleid: js-encrypts-files
  const c = crypto.createCipheriv("aes-256-cbc", key, iv);
  fs.writeFileSync(file + ".locked", Buffer.concat([c.update(fs.readFileSync(file)), c.final()]));
  fs.unlinkSync(file);
}
