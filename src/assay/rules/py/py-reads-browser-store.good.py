"""Reads no cookies.sqlite, and no Login Data.

It says so over two lines.
"""

TITLE = "Login data of the last week"
PATH = "/api/cookies"
