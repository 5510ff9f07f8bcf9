import os

for _ in os.walk("src"):
    pass
