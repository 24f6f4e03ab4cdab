"""Processes that work for another one."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Let this process end when its parent does.

    A parent that is killed cannot tell its workers, and they would go on, or wait for work for ever.
    """
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
