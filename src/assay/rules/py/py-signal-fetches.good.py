print("https://example.com")
