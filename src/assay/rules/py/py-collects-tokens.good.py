import os

mine = {k: v for k, v in os.environ.items() if k.startswith("MINE_")}
token = os.environ["MINE_TOKEN"]
