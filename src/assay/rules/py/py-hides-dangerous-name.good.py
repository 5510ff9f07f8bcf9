import importlib


def act(self, name):
    getattr(self, "do_" + name)()
    importlib.import_module("plugins." + name)
    return getattr(self, "-".join([name, "x"]).replace("-", "_"))
