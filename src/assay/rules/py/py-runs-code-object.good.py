import marshal


def cached(file):
    return marshal.load(file)
