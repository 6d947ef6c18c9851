"""Finds actions by what somebody types: words of the title, its beginning letters, or any letters in order."""

from collections.abc import Sequence

from failview.session.actions import Action

MOST_RECENT = 5
"""Actions that are offered first before anything is typed."""


_BY_LETTERS = 4
"""The rank of what merely has the letters in order: offered where nothing else fits."""


class RecentActions:
    """What was chosen last, the latest first."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def note(self, action_id: str) -> None:
        """An action was chosen now."""
        self.ids = [action_id, *(known for known in self.ids if known != action_id)][:MOST_RECENT]


def find_actions(typed: str, actions: Sequence[Action], recent: Sequence[str] = ()) -> list[Action]:
    """The actions that fit what was typed, the best first; all of them for nothing typed, recent ones first.

    Args:
        typed: What somebody typed; case does not matter.
        actions: The table.
        recent: Ids of those chosen last, the latest first.
    """
    place = {action_id: index for index, action_id in enumerate(recent)}
    ranked = []
    for index, item in enumerate(actions):
        rank = _rank(" ".join(typed.lower().split()), item)
        if rank is not None:
            ranked.append(((rank, place.get(item.id, len(place)), index), item))
    best = min((rank for (rank, _, _), _ in ranked), default=0)
    kept = [pair for pair in ranked if best == _BY_LETTERS or pair[0][0] < _BY_LETTERS]
    return [item for _, item in sorted(kept, key=lambda pair: pair[0])]


def _rank(typed: str, item: Action) -> int | None:
    """How well an action fits, 0 is best; None when it does not."""
    if not typed:
        return 0
    title = item.title.lower()
    words = typed.split()
    if title.startswith(typed):
        return 1
    title_words = title.replace(",", " ").split()
    if all(any(known.startswith(word) for known in title_words) for word in words):
        return 2
    hay = f"{title} {item.group.lower()} {item.id.replace('_', ' ')}"
    if all(word in hay for word in words):
        return 3
    return _BY_LETTERS if len(typed) > 1 and _in_order("".join(words), title) else None


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
