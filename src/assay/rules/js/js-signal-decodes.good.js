const text = Buffer.from("hi", "utf8");
