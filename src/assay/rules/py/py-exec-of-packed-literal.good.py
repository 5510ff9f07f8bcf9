from textwrap import dedent

exec(dedent("import os, sys, textwrap, functools, itertools, operator, collections, contextlib, pathlib"))
