const ignored = [".git", "node_modules", ".env"];
