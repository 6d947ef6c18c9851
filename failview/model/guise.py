"""Names under which a person labels for another purpose than the labels of the dataset."""

import re
from enum import StrEnum


class Guise(StrEnum):
    """Why somebody labels episodes once more."""

    RETEST = "retest"
    """One's own episodes again, blind, after some time."""
    PRACTICE = "practice"
    """Episodes with a known answer, told at once."""
    EXAM = "exam"
    """Episodes with a known answer, told at the end."""


_NAME = re.compile(rf"(?P<who>.+) \((?P<guise>{'|'.join(Guise)})(?: (?P<number>\d+))?\)")


def in_guise(annotator: str, guise: Guise, number: int = 1) -> str:
    """The name under which these labels are kept; they never count as labels of the dataset."""
    return f"{annotator} ({guise.value})" if number == 1 else f"{annotator} ({guise.value} {number})"


def is_plain(name: str) -> bool:
    """Whether labels under a name count as labels of the dataset."""
    return guise_of(name) is None


def guise_of(name: str) -> tuple[str, Guise, int] | None:
    """(annotator, why, how many times) of such a name; None for the plain name of an annotator."""
    found = _NAME.fullmatch(name)
    return None if found is None else (found["who"], Guise(found["guise"]), int(found["number"] or 1))
