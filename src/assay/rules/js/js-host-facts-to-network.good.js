console.log(os.hostname());
fetch("https://example.com", { body: os.EOL });
