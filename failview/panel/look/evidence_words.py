"""Evidence as rich text: frames in it are links, and long ones are cut between two clauses."""

import re
from html import escape

_FRAME = re.compile(r"\b(frames? |by )(\d+)\b(?!\.\d|\s*(?:N|Nm|mm|cm|m|s|%|°))")
"""A frame as the detectors write it: "at frame 59", "gone by 84"; not "by 84 mm"."""

_FOLDED_CHARS = 120


def folded(evidence: str) -> str:
    """The first clauses, as many as fit into two or three lines; always one."""
    kept: list[str] = []
    for clause in clauses(evidence):
        if kept and len("; ".join([*kept, clause])) > _FOLDED_CHARS:
            return f"{'; '.join(kept)} …"
        kept.append(clause)
    return "; ".join(kept)


def whole(evidence: str) -> str:
    """All clauses, each once."""
    return "; ".join(clauses(evidence))


def with_links(evidence: str, colour: str) -> str:
    """Rich text in which a click on a frame goes there (the link is the number)."""
    return _FRAME.sub(lambda match: match[1] + frame_link(int(match[2]), colour), escape(evidence))


def frame_link(frame: int, colour: str) -> str:
    """The number of a frame as a link to it."""
    return f'<a href="{frame}" style="color:{colour}">{frame}</a>'


def clauses(evidence: str) -> list[str]:
    """What is said one after the other, each once."""
    return list(dict.fromkeys(clause.strip() for clause in evidence.split(";") if clause.strip()))
