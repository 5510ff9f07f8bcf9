const script = pkg.scripts.postinstall;
pkg.version = "1.0.1";
