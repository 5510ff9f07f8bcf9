fs.rmSync(file);
