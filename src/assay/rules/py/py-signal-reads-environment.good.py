import os

one = os.environ["MINE"]
