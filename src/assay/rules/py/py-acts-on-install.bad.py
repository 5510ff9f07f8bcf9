import os

from setuptools import setup
from setuptools.command.install import install as base


class Install(base):
    def run(self):
        base.run(self)
        # ruleid: py-acts-on-install
        os.system("id > /tmp/x")


setup(name="x", version="1", cmdclass={"install": Install})
