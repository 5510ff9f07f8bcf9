const text = String.fromCharCode(65 + index);
