child.stdout.on("data", (data) => seen.push(data));
socket.on("data", (data) => {
  const found = pattern.exec(data);
});
