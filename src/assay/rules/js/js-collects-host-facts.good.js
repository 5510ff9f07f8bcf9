const log = pino({ base: { pid: process.pid, hostname: os.hostname() } });
