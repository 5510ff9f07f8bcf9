writer.write("a.txt");
