"""What the reference card says beside the taxonomy itself: the keys, and how to choose."""

import re

from failview.model.taxonomy import Taxonomy
from failview.session.actions import ACTIONS

HOW_TO_CHOOSE = (
    "Label the first thing that went wrong, not what followed from it; what followed belongs in the further failures "
    "or in the causal chain. Onset is the first frame where it begins, obvious the first where nobody can doubt it."
)

_SHOWN = (
    ("accept",),
    ("success", "partial_success", "failure"),
    ("category_up",),
    ("onset",),
    ("obvious",),
    ("recovery_start",),
    ("recovery_end",),
    ("recovery_outcome",),
    ("root_cause",),
    ("less_sure", "surer"),
    ("frame_back", "frame_on"),
    ("play_pause",),
    ("undo",),
    ("finish_stage",),
    ("next_episode",),
    ("help",),
)
"""Actions worth a place, in the order of the work; those in one bracket are shown together."""

_NUMBER_AND_UNIT = re.compile(r"(\d) (?=(?:[cmk]?m|m/s|N|Nm|m?s|Hz)\b)")

_ON_PAPER = {"Left": "←", "Right": "→", "Return": "Enter"}


def key_lines(taxonomy: Taxonomy) -> list[tuple[str, str]]:
    """(keys, what they do) as shipped, in the order of the work."""
    actions = {item.id: item for item in ACTIONS}
    lines = []
    for group in _SHOWN:
        chosen = [actions[name] for name in group]
        keys = " ".join(_on_paper(item.keys[0]) for item in chosen)
        lines.append((keys, " / ".join([chosen[0].title, *(item.title.lower() for item in chosen[1:])])))
    digits = [item.digit for item in taxonomy.categories]
    inner = [sub.digit for item in taxonomy.categories for sub in item.subcategories]
    lines.insert(2, (f"{_span(digits)}, then {_span(inner)}", "Category, then subcategory"))
    return lines


def bound(text: str) -> str:
    """The text with numbers tied to their units, so that no line ends between them."""
    return _NUMBER_AND_UNIT.sub("\\1\u00a0", text)


def _span(digits: list[int]) -> str:
    least, most = min(digits), max(digits)
    return str(least) if least == most else f"{least}–{most}"  # noqa: RUF001 - a dash as people write it


def _on_paper(key: str) -> str:
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    return "+".join([*modifiers, _ON_PAPER.get(last, last)])
