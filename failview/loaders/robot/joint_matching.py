"""Which column of a stream of joint positions belongs to which joint of a model."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_UNTELLING = frozenset({"pos", "position", "q", "qpos", "rad", "joint"})
"""Last words of a name that do not tell one joint from another."""


@dataclass(frozen=True)
class JointMatch:
    """The result.

    Attributes:
        columns: Column per joint name.
        guessed: True when only the order says so.
        reason: Why, in words.
    """

    columns: Mapping[str, int]
    guessed: bool
    reason: str


def match_joints(
    labels: Sequence[str], joints: Sequence[str], chain: Sequence[str], named: Mapping[str, int]
) -> JointMatch | str:
    """The joints of the columns, or why there is no answer, in words.

    Args:
        labels: Column names; numbers when the file gives none.
        joints: Every joint of one degree of freedom, in model order.
        chain: Those between the base and the end effector, in model order.
        named: What the names say; it may hold columns behind those of the labels.
    """
    missing = [joint for joint in chain if joint not in named]
    if named and not missing:
        return JointMatch(named, guessed=False, reason="joints by name")
    if len(set(chain) - set(missing)) > len(chain) / 2:
        return f"no column is joint {missing[0]} of the model"
    for wanted in (chain, joints):
        if len(labels) == len(wanted):
            columns = {joint: column for column, joint in enumerate(wanted)}
            return JointMatch(columns, guessed=True, reason="joints in model order: a guess")
    shown = ", ".join(chain)
    return f"joint_position has {len(labels)} columns, the model {len(chain)} joints to its end effector ({shown})"


def joints_by_name(labels: Sequence[str], joints: Sequence[str]) -> dict[str, int]:
    """Column per joint: by whole names, else without the words that all names of a side begin with, else by ends."""
    for words_of in (_whole, _without_common_start, _ends):
        of_labels, of_joints = ["_".join(words) for words in words_of(labels)], [*map("_".join, words_of(joints))]
        counts = Counter(of_labels), Counter(of_joints)
        found = {
            joint: of_labels.index(word)
            for joint, word in zip(joints, of_joints, strict=True)
            if word and counts[0][word] == 1 and counts[1][word] == 1
        }
        if found:
            return found
    return {}


def _whole(names: Sequence[str]) -> list[list[str]]:
    """Words of each name; a number alone is the number of a column, no name."""
    result = []
    for name in names:
        words: list[str] = re.findall(r"[a-z0-9]+", name.lower())
        while len(words) > 1 and words[-1] in _UNTELLING:
            words.pop()
        result.append([] if len(words) == 1 and words[0].isdigit() else words)
    return result


def _without_common_start(names: Sequence[str]) -> list[list[str]]:
    named = _whole(names)
    start = 0
    while len({tuple(words[: start + 1]) for words in named}) == 1 and start < len(named[0]):
        start += 1
    return [words[min(start, len(words) - len(_end(words))) :] for words in named]


def _ends(names: Sequence[str]) -> list[list[str]]:
    return [_end(words) for words in _whole(names)]


def _end(words: list[str]) -> list[str]:
    """The last word, with the one before where it is a number ("joint_1")."""
    return words[-2:] if words and words[-1].isdigit() else words[-1:]
