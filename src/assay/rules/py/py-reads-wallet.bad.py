import os

# ruleid: py-reads-wallet
PLACES = [os.path.expanduser("~/.config/solana/id.json")]
# ruleid: py-reads-wallet
EXTENSION = "Local Extension Settings/nkbihfbeogaeaoehlefnkodbefgpgknn"
