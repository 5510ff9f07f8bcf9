// ruleid: js-miner
const pool = "stratum+tcp://pool.example.com:3333";
// ruleid: js-miner
spawn("./xmrig", ["-o", host]);
// ruleid: js-miner
const other = "gulf.moneroocean.stream:10128";
