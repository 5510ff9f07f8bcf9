const text = fs.readFileSync(settings.keyFile);
