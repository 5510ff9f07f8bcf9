from setuptools import setup
from setuptools.command.build_py import build_py


class Build(build_py):
    def run(self):
        print("building")
        build_py.run(self)


setup(name="x", version="1", cmdclass={"build_py": Build})
