const run = eval;
// ruleid: js-hidden-eval
run(text);
// ruleid: js-hidden-eval
globalThis["eval"](text);
// ruleid: js-hidden-eval
[].constructor.constructor(text)();
// ruleid: js-hidden-eval
Reflect.apply(eval, null, [text]);
