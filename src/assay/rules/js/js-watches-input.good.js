document.addEventListener("keydown", (event) => {
  if (event.key === "Enter") fetch("/submit");
});
