import os

# ruleid: py-signal-reads-environment
all_of_it = dict(os.environ)
