new Function("return this")();
