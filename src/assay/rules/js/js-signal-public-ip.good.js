fetch("https://api.example.org");
