"""Inside a chapter's kernel: record which files the chapter reaches, so that the cache can tell the truth.

Modules of the package are read off ``sys.modules`` when the chapter has ended; one that was only read, to
hash the code that shapes a run, counts like an imported one. Other files are caught by an audit hook (PEP
578) at the moment ``open`` is called; a file that was looked for and not there counts too, because the
chapter's output would differ if it were. Readers that open a file outside Python's sight (a C library)
announce it with ``sys.audit("attacknet.read", path)``; what a chapter had to go on without is announced
with ``sys.audit("attacknet.unavailable", name)``. A mere look (``exists``, ``stat``) raises no event: code
that chapters reach opens what it depends on.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from attacknet import paths

READ_EVENT = "attacknet.read"
UNAVAILABLE_EVENT = "attacknet.unavailable"
# What running itself needs; never an input of a chapter.
_NOT_INPUTS = (paths.ROOT / ".venv", paths.ROOT / ".git", paths.BUILD, paths.PACKAGE / "chapters")

# Each opened file with its size and time of change at that moment, None where it was absent.
_files: dict[str, tuple[int, int] | None] = {}
_sources: set[str] = set()
_listings: set[str] = set()
_unavailable: set[str] = set()


def start(data_roots: list[str]) -> None:
    """Begin to record; `data_roots` are folders outside the checkout whose files are inputs."""
    roots = [paths.ROOT, paths.SHARED, paths.cache_dir(), *(paths.ROOT / root for root in data_roots)]
    # A root may be reached through a symbolic link or by its true name.
    folders = {name for root in roots for name in (_absolute(root), str(root.resolve()))}
    inside = tuple(folder + os.sep for folder in folders)
    # What is derived follows from inputs that are seen themselves; how it is stored shapes no result.
    cache = {_absolute(paths.cache_dir()), str(paths.cache_dir().resolve())}
    derived = [os.path.join(folder, name) for folder in cache for name in paths.DERIVED]  # noqa: PTH118
    excluded = tuple(f"{path}{os.sep}" for path in (*_NOT_INPUTS, *derived))

    def is_input(path: str) -> bool:
        return (path in folders or path.startswith(inside)) and not f"{path}{os.sep}".startswith(excluded)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            # os.open, which has no mode, serves temporary files and folders' handles, not readers.
            path, mode = _absolute(arguments[0]), arguments[1] or "w"
            if set(mode) & set("wax+") or not is_input(path) or path.endswith(".pyc"):
                return
            if path.endswith(".py"):
                _sources.add(path)
            else:
                _files.setdefault(path, _state(path))
        elif event in ("os.listdir", "os.scandir"):
            path = _absolute(arguments[0])
            if is_input(path):
                _listings.add(path)
        elif event == READ_EVENT:
            path = _absolute(arguments[0])
            _files.setdefault(path, _state(path))
        elif event == UNAVAILABLE_EVENT:
            _unavailable.add(str(arguments[0]))

    sys.addaudithook(hook)


def finish(report: str) -> None:
    """Write what was reached to a JSON file.

    ``modules``, ``files`` and ``listings`` are paths; ``unstable`` are the files that changed while the
    chapter ran, of which nobody can say what it read; ``unavailable`` is what it went on without.
    """
    package = f"{paths.PACKAGE}{os.sep}"
    own = f"{paths.PACKAGE / 'chapters'}{os.sep}"
    modules = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())} | _sources
    files = dict(_files)
    reached = {
        "modules": sorted(m for m in modules if m.startswith(package) and not m.startswith(own)),
        "files": sorted(files),
        "unstable": sorted(
            path for path, state in files.items() if state is not None and state != _state(path)
        ),
        # The import system lists the checkout and the folders of packages; modules are recorded one by one.
        "listings": sorted(
            path for path in _listings if path != str(paths.ROOT) and not Path(path, "__init__.py").exists()
        ),
        "unavailable": sorted(_unavailable),
    }
    Path(report).write_text(json.dumps(reached), encoding="utf-8")


def _state(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - called at every open: no Path is made
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _absolute(path: Any) -> str:
    """Return an absolute path as text; file descriptors, which name no file, become the empty string."""
    if path is None:
        return str(Path.cwd())
    if not isinstance(path, str | bytes | os.PathLike):
        return ""
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - pathlib would touch the file system here
