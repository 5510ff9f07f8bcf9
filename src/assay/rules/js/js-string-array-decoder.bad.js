// ruleid: js-string-array-decoder
function _0x4f2a(a, b) { return words[a - b]; }
(function (list, goal) {
  while (!![]) {
    try {
      if (count(list) === goal) break;
      // ruleid: js-string-array-decoder
      else list["push"](list["shift"]());
    } catch (e) {
      // ruleid: js-string-array-decoder
      list["push"](list["shift"]());
    }
  }
})(words, 12345);
