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
    """Whole names first; then the last word alone, where it is unique on both sides ("fr3_joint1" and "joint1")."""
    for key in (_whole, _last_word):
        of_labels, of_joints = [key(label) for label in labels], [key(joint) for joint in joints]
        counts = Counter(of_labels), Counter(of_joints)
        found = {
            joint: of_labels.index(word)
            for joint, word in zip(joints, of_joints, strict=True)
            if word and counts[0][word] == 1 and counts[1][word] == 1
        }
        if found:
            return found
    return {}


def _words(name: str) -> list[str]:
    words: list[str] = re.findall(r"[a-z0-9]+", name.lower())
    while len(words) > 1 and words[-1] in _UNTELLING:
        words.pop()
    return words


def _whole(name: str) -> str:
    """A number alone is a column's number, no name."""
    word = "_".join(_words(name))
    return "" if word.isdigit() else word


def _last_word(name: str) -> str:
    word = _words(name)[-1:]
    return "" if not word or word[0].isdigit() else word[0]
