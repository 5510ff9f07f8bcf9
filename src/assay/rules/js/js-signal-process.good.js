const found = /a(b)/.exec("ab");
child.process("x");
