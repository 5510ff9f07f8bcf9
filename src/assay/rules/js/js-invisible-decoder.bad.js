// ruleid: js-invisible-decoder
const bytes = [...hidden].map((c) => c.codePointAt(0) - 0xfe00);
// ruleid: js-invisible-decoder
const more = [...hidden].map((c) => c.codePointAt(0) - 0xe0100 + 16);
