"""From the files of a dataset to faces that a network can read: manifest, index, protocols, faces, crops."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attacknet.data.index import load_index
    from attacknet.data.leaks import LeakError, check_protocol

__all__ = ["LeakError", "check_protocol", "load_index"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is (PEP 562): a process that makes crops needs no tables."""
    from importlib import import_module  # noqa: PLC0415

    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "index" if name == "load_index" else "leaks"
    return getattr(import_module(f"{__name__}.{module}"), name)
