"""What a time was measured on, in words: the machine, and how busy it was."""

import os
import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def processor() -> str:
    """Return what the machine calls its processor; the kind of instructions where it gives no name."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def cores() -> int:
    """Return how many cores this process may use."""
    # Python 3.13 has os.process_cpu_count; affinity is Linux's.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_words() -> str:
    """Return processor, cores, system and Python in one line, without the machine's name."""
    return (
        f"{processor()}, {cores()} core{'s' if cores() > 1 else ''}, {platform.system()} on "
        f"{platform.machine()}, Python {platform.python_version()}"
    )


def load() -> float | None:
    """Return how many programs wanted a core on average over the last minute; None where nobody counts."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
