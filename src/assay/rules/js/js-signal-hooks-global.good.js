const fetch = globalThis.fetch;
