dns.lookup(host, () => {});
dns.resolveSrv(`_mongodb._tcp.${host}`, () => {});
dns.lookup("api.example.com", () => {});
