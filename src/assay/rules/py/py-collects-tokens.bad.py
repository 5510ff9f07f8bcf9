import os

# ruleid: py-collects-tokens
found = {k: v for k, v in os.environ.items() if "TOKEN" in k or "SECRET" in k}
