import urllib.request

from setuptools import setup

# ruleid: py-setup-script-acts
urllib.request.urlopen("https://example.com/installed")
setup(name="x", version="1")
