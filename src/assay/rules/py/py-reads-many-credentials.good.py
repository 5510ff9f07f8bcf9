KEYS = ["~/.ssh/id_rsa", "~/.ssh/id_ed25519", "~/.ssh/id_ecdsa"]
CONFIG = ["~/.aws/config"]
