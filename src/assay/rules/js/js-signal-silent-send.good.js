fetch("https://example.com").catch((e) => log(e));
