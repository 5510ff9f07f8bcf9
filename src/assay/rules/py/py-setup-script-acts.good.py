import subprocess

from setuptools import setup

FLAGS = subprocess.check_output(["pkg-config", "--cflags", "glib-2.0"], text=True)
setup(name="x", version="1")
