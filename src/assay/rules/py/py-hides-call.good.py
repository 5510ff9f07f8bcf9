import subprocess


class Shell:
    def run(self):
        getattr(self, "system")()


subprocess.check_output(["id"])
SIZE = __import__("os").environ.get("SIZE")
