"""How far a long loop has come: told here, drawn by whoever is above."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Progress(Protocol):
    """Goes through a sequence and shows how far it has come."""

    def __call__(self, items: Sequence[Item], what: str) -> Iterable[Item]:
        """The items, one by one.

        Args:
            items: What is worked on, in order.
            what: The work in words ("listing episodes").
        """


def unseen(items: Sequence[Item], what: str) -> Iterable[Item]:  # noqa: ARG001 - signature of the protocol
    """The items; nothing is shown."""
    return items
