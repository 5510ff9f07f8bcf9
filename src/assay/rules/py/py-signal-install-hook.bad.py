from setuptools import setup

from commands import Install

# ruleid: py-signal-install-hook
setup(name="x", cmdclass=Install)
