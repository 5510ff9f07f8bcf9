"""Put off importing what a library names at its top and calls only elsewhere.

sigstore-python's verifier comes with the clients that sign: importing it imports HTTP and TUF
clients, a third of the wait, of which no verification calls anything. ``importlib``'s own
LazyLoader gives way at the first ``from module import name``, so this goes one step further: such
a name, too, is looked up when it is first used. Nothing is replaced: whoever does use it gets the
real one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


@contextmanager
def deferred(*modules: str) -> Iterator[None]:
    """While this lasts, importing one of ``modules`` puts it off; those loaded already stay.

    For the main thread at start-up: another thread that imports meanwhile would get it put off
    too, which costs it nothing but the order of its imports.
    """
    stand_ins = {name: _Module(name) for name in modules if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            stand_in.__dict__["_open"] = False
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


class _Module(ModuleType):
    """Stands for a module; after the imports every attribute is the real module's."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []  # so that modules below it can be named
        self.__version__ = "deferred"  # told to servers as part of a user agent, no more
        self._open = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(self.__name__, name) if self._open else _real(self.__name__, name)


class _Name:
    """Stands for a class, a function or a module that was imported by its name."""

    def __init__(self, module: str, name: str) -> None:
        self._at = (module, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _real(*self._at)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(*self._at), name)


def _real(module: str, name: str) -> Any:
    found = import_module(module)
    if hasattr(found, name):
        return getattr(found, name)
    return import_module(f"{module}.{name}")
