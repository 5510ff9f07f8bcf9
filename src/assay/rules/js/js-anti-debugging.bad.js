// ruleid: js-anti-debugging
setInterval(() => { debugger; }, 100);
// ruleid: js-anti-debugging
check.constructor("debugger")();
