while (queue.length) {
  queue.push(queue.shift());
}
const mask = 0x4f2a;
