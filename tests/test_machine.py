"""What a time was measured on, in words."""

import platform

from attacknet import machine


def test_words_name_the_processor_but_not_the_machine():
    """The line is published; a machine's own name is nobody's business."""
    words = machine.in_words()
    assert machine.processor() in words
    assert f"{machine.cores()} core" in words
    assert not platform.node() or platform.node() not in words


def test_without_cpuinfo_the_instructions_name_the_processor(monkeypatch, tmp_path):
    """As on macOS and Windows."""
    monkeypatch.setattr(machine, "_CPUINFO", tmp_path / "none")
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert machine.processor() == platform.machine()


def test_load_is_no_negative_number():
    load = machine.load()
    assert load is None or load >= 0
