HOST = "https://example.com"
