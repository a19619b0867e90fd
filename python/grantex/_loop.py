"""Whether an event loop runs in this thread."""

from __future__ import annotations

import sys
from typing import Any


def running() -> Any:
    """The running asyncio loop of this thread, else None. A program that has not imported asyncio has none."""
    asyncio = sys.modules.get("asyncio")
    find = getattr(asyncio, "_get_running_loop", None)
    return None if find is None else find()
