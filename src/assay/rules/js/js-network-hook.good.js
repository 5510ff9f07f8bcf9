const real = globalThis.fetch;
globalThis.fetch = async (url, options) => real(url, options);
