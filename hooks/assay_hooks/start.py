"""Where the hooks' console scripts start and end; what they do is in their own modules.

A hook lives for 40 ms and runs on every commit. Collecting garbage while it imports would take a
tenth of that, and taking every module apart at the end a fifth. Tests call ``main`` instead, for
neither belongs into a process that goes on.
"""

from __future__ import annotations

import gc

gc.disable()

from typing import NoReturn  # noqa: E402 - after the line above, which is what this is for

from assay.boundary import end  # noqa: E402


def schema() -> NoReturn:
    from assay_hooks.schema import main

    end(main())


def lock() -> NoReturn:
    from assay_hooks.lock import main

    end(main())


def bundle() -> NoReturn:
    from assay_hooks.bundle import main

    end(main())


def light() -> NoReturn:
    from assay_hooks.light import main

    end(main())


def audit() -> NoReturn:
    from assay_hooks.audit import main

    end(main())


def deps() -> NoReturn:
    from assay_hooks.deps import main

    end(main())
