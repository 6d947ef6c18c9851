"""Decides which stream plays which role by names, shapes, declared units and values; says why and what is a guess."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from failview.loaders.raw_dataset import Floats
from failview.loaders.roles.column_roles import candidates_by_label
from failview.loaders.roles.orientations import ROTATION_VECTOR
from failview.loaders.roles.role_candidates import Candidate, Part
from failview.loaders.roles.role_names import (
    TORQUE_PARTNER_WORDS,
    Combine,
    name_words,
    names_a_norm,
    names_a_thing,
    rules_for,
)
from failview.loaders.roles.stream_summary import StreamSummary, Summaries
from failview.loaders.roles.stream_units import (
    BY_CONVENTION,
    SI_UNITS,
    UnitChoice,
    declared_unit,
    guess_unit,
    is_unit_quaternion,
    order_in_name,
)
from failview.model.roles import ROLE_SPECS, Quantity, Role

_FINGER_TRAVEL_M = 0.06
"""Parallel grippers move each finger less than this; larger values are not two fingers in metres."""
_RESTING_M = -0.002
_SAME_SCALE = (0.8, 1.25)
_SAME_RESIDUAL = 0.5
_JOINT_ROLES = (Role.JOINT_POSITION, Role.JOINT_VELOCITY, Role.JOINT_TORQUE)
MAY_BE_CONSTANT = frozenset({Role.GOAL_POSITION, Role.SUCCESS, Role.PHASE})
"""Roles whose stream may well be the same in every frame of a dataset."""


@dataclass(frozen=True)
class RoleChoice:
    """What was decided for one role.

    Attributes:
        role: The role.
        parts: Streams and columns, side by side.
        combine: How several columns become one.
        unit: Unit in the file, or "arbitrary".
        guessed: No declaration or profile confirms the mapping and the unit.
        reason: Why, in words.
        scale: Extra factor of the profile.
        dead: The columns never change in any episode looked at: nothing can be judged from them.
    """

    role: Role
    parts: tuple[Part, ...]
    unit: str
    guessed: bool
    reason: str
    combine: Combine = Combine.NONE
    scale: float = 1.0
    dead: bool = False


def choose_roles(summaries: Summaries, quaternion_order: str = "") -> dict[Role, RoleChoice]:
    """The best stream for every role that any stream can play.

    Args:
        summaries: Streams of the dataset, or of one episode.
        quaternion_order: Order by convention of the file's family; "" when there is none.
    """
    usable = {name: summary for name, summary in summaries.items() if not summary.role_free}
    by_role: dict[Role, list[Candidate]] = {}
    for summary in usable.values():
        for candidate in (*_candidates(summary), *_things(summary, usable)):
            if _fits(candidate, usable):
                by_role.setdefault(candidate.role, []).append(candidate)
    choices = {}
    for role in Role:
        if role in by_role:
            ranked = sorted(by_role[role], key=lambda item: _rank(item, usable))
            choices[role] = _choice(ranked, usable, quaternion_order)
    return choices


def _candidates(summary: StreamSummary) -> Iterator[Candidate]:
    words = name_words(summary.name)
    by_label = [] if words & {"action", "command", "leader"} else list(candidates_by_label(summary))
    labelled_roles = {candidate.role for candidate in by_label}
    for candidate in _candidates_by_name(summary.name, summary.width):
        if candidate.role not in _JOINT_ROLES or candidate.role not in labelled_roles:
            yield candidate
    yield from by_label


@lru_cache(maxsize=4096)
def _candidates_by_name(name: str, width: int) -> tuple[Candidate, ...]:
    """What a name promises; every episode of a dataset asks for the same."""
    found = []
    for rule in rules_for(name_words(name)):
        columns = rule.columns_of(width)
        if columns is not None:
            parts = (Part(name, columns),)
            found.append(Candidate(rule.role, parts, rule.score, "its name", rule.doubt, rule.combine, rule.order))
    return tuple(found)


def _things(summary: StreamSummary, summaries: Summaries) -> Iterator[Candidate]:
    """A position and a quaternion of the same unknown name: something on the table."""
    stem = summary.name.removesuffix("_pos")
    quaternion = summaries.get(f"{stem}_quat")
    if stem == summary.name or summary.width != 3 or quaternion is None or quaternion.width != 4:
        return
    if names_a_thing(stem.rsplit("/", 1)[-1]):
        doubt = "a thing with position and orientation"
        yield Candidate(Role.OBJECT_POSITION, (Part(summary.name, (0, 1, 2)),), 3, "its name", doubt)
        yield Candidate(Role.OBJECT_ORIENTATION, (Part(quaternion.name, (0, 1, 2, 3)),), 3, "its name", doubt)


def _fits(candidate: Candidate, summaries: Summaries) -> bool:
    """Whether the values allow what the name promises."""
    is_reward = candidate.role is Role.SUCCESS and "reward" in name_words(candidate.parts[0].stream)
    is_rotation = ROLE_SPECS[candidate.role].quantity is Quantity.QUATERNION
    if candidate.combine is not Combine.SUM_OF_ABSOLUTES and not is_reward and not is_rotation:
        return True
    low, high, rows = _range(candidate.parts, summaries)
    if candidate.combine is Combine.SUM_OF_ABSOLUTES:
        one_each_way = low[0] >= _RESTING_M and high[1] <= -_RESTING_M
        both_forward = low.min() >= _RESTING_M
        return bool(np.abs([low, high]).max() <= _FINGER_TRAVEL_M and (one_each_way or both_forward))
    if is_reward:
        # a shaped reward is no flag; one that is never anything but 0 and 1 is the task's success at that step
        values = np.concatenate([low, high, rows[:, 0]])
        return bool(np.isin(values[np.isfinite(values)], (0.0, 1.0)).all())
    return candidate.order == ROTATION_VECTOR or is_unit_quaternion(rows) or not np.any(rows)


def _rank(candidate: Candidate, summaries: Summaries) -> tuple[bool, int, bool, bool]:
    """Lowest first: alive, best name, own (faster) clock, first arm."""
    name = candidate.parts[0].stream
    second_arm = "robot1" in name or "left" in name.lower()
    return (
        _is_dead(candidate.role, candidate.parts, summaries),
        -candidate.score,
        not summaries[name].has_own_clock,
        second_arm,
    )


def _choice(ranked: list[Candidate], summaries: Summaries, quaternion_order: str) -> RoleChoice:
    best = ranked[0]
    best = _with_torque(best, summaries) if best.role is Role.WRENCH else best
    unit = _unit(best, ranked[1:], summaries, quaternion_order)
    rivals = [
        item.parts[0].stream
        for item in ranked[1:]
        if item.score == best.score
        and not _is_dead(item.role, item.parts, summaries)
        and _has_own_clock(item, summaries) == _has_own_clock(best, summaries)
        and not np.array_equal(_range(item.parts, summaries)[2], _range(best.parts, summaries)[2], equal_nan=True)
    ]
    doubt = best.doubt or (f"{rivals[0]} fits as well" if rivals else "")
    reasons = [best.reason, unit.reason, f"guess: {doubt}" if doubt else ""]
    slower = [
        item.parts[0].stream
        for item in ranked[1:]
        if item.score >= best.score - 2 and not _has_own_clock(item, summaries)
    ]
    if _has_own_clock(best, summaries) and slower and not rivals:
        reasons.append(f"recorded faster than {slower[0]}")
    return RoleChoice(
        best.role,
        best.parts,
        unit.unit,
        unit.guessed or bool(doubt),
        "; ".join(reason for reason in reasons if reason),
        best.combine,
        dead=_is_dead(best.role, best.parts, summaries),
    )


def _with_torque(force: Candidate, summaries: Summaries) -> Candidate:
    """A force of three columns together with the torque recorded beside it."""
    first = summaries[force.parts[0].stream]
    if first.width != 3:
        return force
    for other in summaries.values():
        same_place = other.name.rsplit("/", 1)[0] == first.name.rsplit("/", 1)[0]
        if same_place and other.width == 3 and name_words(other.name) in TORQUE_PARTNER_WORDS:
            return replace(force, parts=(force.parts[0], Part(other.name, (0, 1, 2))))
    return force


def _unit(best: Candidate, others: list[Candidate], summaries: Summaries, quaternion_order: str) -> UnitChoice:
    texts = [summaries[part.stream].unit for part in best.parts]
    declared = [declared_unit(text, best.role) for text in texts]
    if best.order:
        how = "a rotation vector by its name" if best.order == ROTATION_VECTOR else "order by its column names"
        return UnitChoice(best.order, False, how)
    if declared[0] is not None:
        return UnitChoice(declared[0], False, _declaration(texts[0]))
    if ROLE_SPECS[best.role].quantity is Quantity.QUATERNION and (order := order_in_name(best.parts[0].stream)):
        return UnitChoice(order, False, "order by its name")
    confirmed = _confirmed_by_slower(best, others, summaries)
    if confirmed is not None:
        return confirmed
    low, high, rows = _range(best.parts, summaries)
    if best.combine is Combine.SUM_OF_ABSOLUTES:
        return UnitChoice("m", True, f"two fingers that move up to {np.abs([low, high]).max():.3g} m each")
    return guess_unit(best.role, rows, low, high, quaternion_order)


def _declaration(text: str | None) -> str:
    if text == SI_UNITS:
        return "a simulator's state is in SI units"
    if text and text.endswith(BY_CONVENTION):
        return text
    return f"declares {text!r}" if text else ""


def _confirmed_by_slower(best: Candidate, others: list[Candidate], summaries: Summaries) -> UnitChoice | None:
    """A fast stream without a unit has that of the per-frame stream whose values it repeats."""
    if not _has_own_clock(best, summaries):
        return None
    for other in others:
        parts = (_with_torque(other, summaries) if best.role is Role.WRENCH else other).parts
        unit = declared_unit(summaries[parts[0].stream].unit, best.role)
        if unit is not None and _same_values(_range(best.parts, summaries)[2], _range(parts, summaries)[2]):
            names = " and ".join(part.stream for part in parts)
            return UnitChoice(unit, False, f"same values as {names}, declared {unit!r}")
    return None


def _same_values(fast: Floats, slow: Floats) -> bool:
    if fast.shape != slow.shape:
        return False
    known = np.isfinite(fast) & np.isfinite(slow)
    energy = float(np.sum(slow[known] ** 2))
    if energy == 0.0:
        return not np.any(fast[known])
    scale = float(np.sum(fast[known] * slow[known])) / energy
    residual = float(np.sqrt(np.sum((fast[known] - slow[known]) ** 2) / energy))
    return _SAME_SCALE[0] < scale < _SAME_SCALE[1] and residual < _SAME_RESIDUAL


def _range(parts: tuple[Part, ...], summaries: Summaries) -> tuple[Floats, Floats, Floats]:
    """(low, high, rows) of the columns of all parts, side by side."""
    picked = [(summaries[part.stream], list(part.columns)) for part in parts]
    if len(picked) == 1:
        summary, columns = picked[0]
        return summary.low[columns], summary.high[columns], summary.rows[:, columns]
    return (
        np.concatenate([summary.low[columns] for summary, columns in picked]),
        np.concatenate([summary.high[columns] for summary, columns in picked]),
        np.concatenate([summary.rows[:, columns] for summary, columns in picked], axis=1),
    )


def _is_dead(role: Role, parts: tuple[Part, ...], summaries: Summaries) -> bool:
    constant = all(summaries[part.stream].is_constant(part.columns) for part in parts)
    if not constant or role in MAY_BE_CONSTANT:
        return role is Role.GOAL_POSITION and constant and not np.any(_range(parts, summaries)[0])
    return True


def _has_own_clock(candidate: Candidate, summaries: Summaries) -> bool:
    return summaries[candidate.parts[0].stream].has_own_clock


def unnamed_states(summaries: Summaries, choices: Mapping[Role, RoleChoice]) -> list[str]:
    """One warning per state vector whose columns nobody names, when nothing else tells where the robot is."""
    if Role.JOINT_POSITION in choices or Role.EE_POSITION in choices:
        return []
    return [
        f"{summary.name} has {summary.width} columns without names: nothing is guessed; the profile can name them"
        for summary in summaries.values()
        if name_words(summary.name) == {"state"} and not summary.labels and not summary.role_free
    ]


def near_misses(summaries: Summaries, choices: Mapping[Role, RoleChoice]) -> dict[str, str]:
    """Streams whose name promises a role that their shape or values deny, with the reason in words."""
    notes: dict[str, str] = {}
    for summary in summaries.values():
        words = name_words(summary.name)
        if names_a_norm(summary.name) and not summary.role_free:
            notes[summary.name] = "a norm has no direction: it is no wrench"
        for rule in rules_for(words):
            if summary.role_free or rule.score < 6 or rule.role in choices:
                continue
            columns = rule.columns_of(summary.width)
            candidate = Candidate(rule.role, (Part(summary.name, columns or ()),), 0, "", "", rule.combine)
            if columns is None:
                count = "1 column" if summary.width == 1 else f"{summary.width} columns"
                notes[summary.name] = f"named like {rule.role.value}, but it has {count}"
            elif not _fits(candidate, summaries):
                notes[summary.name] = f"named like {rule.role.value}, but its values do not fit"
    return notes
