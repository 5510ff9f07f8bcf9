const text = reader.read("a.txt");
