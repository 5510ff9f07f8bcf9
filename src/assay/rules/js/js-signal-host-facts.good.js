const name = url.hostname;
