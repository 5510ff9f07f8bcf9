const request = makeRequest("https://example.com");
cache.get("key");
