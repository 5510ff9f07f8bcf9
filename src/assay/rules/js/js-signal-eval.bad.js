// ruleid: js-signal-eval
eval(text);
// ruleid: js-signal-eval
new Function("require", body)(require);
// ruleid: js-signal-eval
vm.runInNewContext(text, {});
