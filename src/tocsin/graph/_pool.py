"""The one pool of threads on which all graphs of a process run: a thread per core, however many artifacts there are."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def pool() -> ThreadPoolExecutor:
    """Return the process-wide pool, made on first use."""
    return ThreadPoolExecutor(cores(), thread_name_prefix="tocsin-graph")


# A forked child inherits the pool but not its threads: work given to it would wait for ever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=pool.cache_clear)
