"""A network serves one thread at a time, and no more of them are opened than are asked at once."""

from pathlib import Path

import pytest

from attacknet.errors import AttackNetError
from attacknet.exported import Exported
from attacknet.predict.lent import Lender
from tests.predict.models import brightness


def test_what_is_lent_is_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was given back is lent again: three asked for at once are three, ever after."""
    opened: list[Exported] = []
    open_ = Exported.open
    monkeypatch.setattr(Exported, "open", lambda path: opened.append(open_(path)) or opened[-1])
    lender = Lender(brightness(tmp_path / "network.onnx", threshold=0.25))
    assert lender.about.threshold == 0.25
    for _ in range(3):
        with lender.lent() as one, lender.lent() as two, lender.lent() as three:
            assert len({id(one), id(two), id(three)}) == 3
    assert len(opened) == 3


def test_a_network_comes_back_from_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong while it is lent."""
    lender = Lender(brightness(tmp_path / "network.onnx"))
    monkeypatch.setattr(Exported, "open", None)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), lender.lent():
            raise ZeroDivisionError


def test_a_file_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    """Before any thread asks."""
    with pytest.raises(AttackNetError, match=r"absent\.onnx"):
        Lender(tmp_path / "absent.onnx")
