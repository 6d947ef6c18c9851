"""Files that stay open while one episode after the other is read from them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from failview.loaders.kept_open import kept_open, opened


class Opener:
    """Opens files as text, and remembers which are open and were opened."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.open: list[str] = []

    @contextlib.contextmanager
    def __call__(self, path: Path) -> Iterator[str]:
        """The content of a file."""
        content = path.read_text()
        self.opened.append(path.name)
        self.open.append(path.name)
        yield content
        self.open.remove(path.name)


@pytest.fixture
def opener() -> Opener:
    return Opener()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a"
    path.write_text("first")
    return path


def test_a_file_is_open_only_while_it_is_read(opener: Opener, file: Path) -> None:
    for _ in range(2):
        with opened(file, opener) as content:
            assert (content, opener.open) == ("first", ["a"])
        assert opener.open == []
    assert opener.opened == ["a", "a"]


def test_a_file_that_is_kept_open_is_opened_once(opener: Opener, file: Path) -> None:
    with kept_open(), kept_open():
        for _ in range(3):
            with opened(file, opener) as content:
                assert content == "first"
        assert opener.open == ["a"]
    assert (opener.open, opener.opened) == ([], ["a"])


def test_one_file_is_kept_open_at_most(opener: Opener, file: Path) -> None:
    other = file.with_name("b")
    other.write_text("other")
    with kept_open():
        with opened(file, opener):
            pass
        with opened(other, opener) as content:
            assert (content, opener.open) == ("other", ["b"])


def test_a_file_that_has_changed_is_opened_anew(opener: Opener, file: Path) -> None:
    with kept_open():
        with opened(file, opener):
            pass
        file.write_text("second time")
        with opened(file, opener) as content:
            assert (content, opener.open) == ("second time", ["a"])


def test_a_file_that_could_not_be_read_is_opened_anew(opener: Opener, file: Path) -> None:
    with kept_open():
        with pytest.raises(OSError, match="damaged"), opened(file, opener):
            raise OSError("damaged")
        with opened(file, opener):
            pass
    assert opener.opened == ["a", "a"]


def test_a_file_that_is_not_there_is_told_by_who_opens_it(opener: Opener, tmp_path: Path) -> None:
    with kept_open(), pytest.raises(FileNotFoundError), opened(tmp_path / "none", opener):
        pass
