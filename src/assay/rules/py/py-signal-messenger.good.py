HOOK = "https://example.com"
