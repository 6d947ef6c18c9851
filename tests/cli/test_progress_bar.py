"""A bar on a terminal while work is long, a line when it is done, and nothing elsewhere."""

import io
import sys

import pytest

from failview.cli import progress_bar as module
from failview.cli.progress_bar import progress_bar


class Terminal(io.StringIO):
    """A stream that says that somebody looks at it."""

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """From within a test: pytest puts a stream of its own in place before it calls one."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_long_work_has_a_bar_and_an_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(module, "_PATIENCE_S", -1.0)
    assert list(progress_bar(["a", "b", "c"], "listing [episodes]")) == ["a", "b", "c"]
    shown = terminal.getvalue()
    assert "━" in shown
    assert shown.rstrip().splitlines()[-1].endswith("listing [episodes]: all 3 in 0 s")


def test_short_work_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    assert list(progress_bar(range(3), "listing")) == [0, 1, 2]
    assert not terminal.getvalue()


def test_work_that_ends_early_does_not_claim_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(module, "_PATIENCE_S", -1.0)

    def work() -> None:
        for item in progress_bar(range(5), "listing"):
            if item == 2:
                raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        work()
    assert "━" in terminal.getvalue()
    assert "all 5" not in terminal.getvalue()


def test_nothing_is_drawn_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(module, "_PATIENCE_S", -1.0)
    assert list(progress_bar(range(3), "listing")) == [0, 1, 2]
    assert not stream.getvalue()
