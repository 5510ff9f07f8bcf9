import os

for folder, _, names in os.walk("build"):
    for name in names:
        os.remove(os.path.join(folder, name))
