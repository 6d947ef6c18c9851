"""What is wrong with the streams of an episode: dead, frozen, copied, not numbers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from failview.loaders.raw_dataset import RawStream
from failview.loaders.roles.stream_roles import RoleChoice
from failview.loaders.roles.stream_summary import StreamSummary, Summaries
from failview.model.roles import Role
from failview.model.signals import Signal

_MOVES_IN_EVERY_EPISODE = frozenset(
    {Role.JOINT_POSITION, Role.JOINT_VELOCITY, Role.JOINT_TORQUE, Role.WRENCH, Role.EE_POSITION, Role.ACTION}
)
_JOINTS = (Role.JOINT_POSITION, Role.JOINT_VELOCITY, Role.JOINT_TORQUE)
_WHOLE_ARM = 4
"""Joints that no arm holds still all at once while another one works; one or two may be locked."""
_SEVERAL = 3
"""Summaries of fewer episodes (one of them counts twice) do not show what is true of a dataset."""
_FOLLOWED_BY = (Role.JOINT_POSITION, Role.EE_POSITION)


def constant_note(summary: StreamSummary) -> str:
    """How a stream that never changes looks; empty when it changes."""
    if not summary.is_constant():
        return ""
    if np.all(np.isnan(summary.low)):
        return "no number at all"
    if not np.any(summary.low):
        return "zero for all frames"
    if np.all(summary.low == -1.0):
        return "-1 for all frames"
    return "constant for all frames"


def role_warnings(
    choices: Mapping[Role, RoleChoice], signals: Mapping[Role, Signal], own: Summaries, known: Summaries
) -> Iterator[str]:
    """Doubts about the streams that play a role.

    Args:
        choices: Decided over several episodes.
        signals: The episode's signals.
        own: Summaries of this episode alone.
        known: Summaries over several episodes.
    """
    reported: set[tuple[str, str]] = set()
    for role, choice in choices.items():
        names = " + ".join(part.stream for part in choice.parts)
        text = _constant_warning(role, choice, own)
        if text and (names, text) not in reported:
            reported.add((names, text))
            yield f"{names} ({role.value}): {text}"
        if role in signals:
            yield from _not_numbers(names, role, signals[role])
    yield from _idle_joints(choices, known)
    yield from _action_is_next_state(choices, signals)


def _constant_warning(role: Role, choice: RoleChoice, own: Summaries) -> str:
    constant = all(part.stream in own and own[part.stream].is_constant(part.columns) for part in choice.parts)
    note = constant_note(own[choice.parts[0].stream]) or "constant for all frames" if constant else ""
    if choice.dead:
        return f"{note or 'constant'}: a dead stream, nothing is judged from it"
    return f"{note} of this episode" if constant and role in _MOVES_IN_EVERY_EPISODE else ""


def _idle_joints(choices: Mapping[Role, RoleChoice], known: Summaries) -> Iterator[str]:
    """A whole arm beside one that moves whose joints never change: it rested, or nothing of it was recorded."""
    for role in _JOINTS:
        for part in () if role not in choices or choices[role].dead else choices[role].parts:
            summary = known[part.stream]
            still = [column for column in part.columns if summary.is_constant([column])]
            if len(still) < _WHOLE_ARM or len(still) == len(part.columns):
                continue
            values = summary.low[still]
            all_same = bool(np.all(values == values[0]))
            what = f"{values[0]:g} in all frames" if all_same else "the same in all frames"
            yield (
                f"{part.stream} ({role.value}): {_named(summary, still)} ({len(still)} of {len(part.columns)} joints) "
                f"are {what}: an arm that rested, or was not recorded"
            )


def _named(summary: StreamSummary, columns: Sequence[int]) -> str:
    names = [summary.labels[column] if summary.labels else str(column) for column in columns]
    in_a_row = all(after == before + 1 for before, after in pairwise(columns))
    return f"columns {names[0]} to {names[-1]}" if in_a_row else f"columns {', '.join(names)}"


def success_warning(choices: Mapping[Role, RoleChoice], known: Summaries) -> Iterator[str]:
    """A flag that is always true: failures may not have been exported, so it tells nothing about this episode.

    Args:
        choices: Decided over several episodes.
        known: Summaries over several episodes.
    """
    choice = choices.get(Role.SUCCESS)
    summary = None if choice is None else known.get(choice.parts[0].stream)
    if summary is None or summary.episodes < _SEVERAL or not summary.is_constant():
        return
    if np.any(summary.low > 0):
        yield (
            f"{summary.name} (success) is true in all frames of all episodes looked at: a recorded flag is evidence, "
            "not truth, and failures may not have been exported"
        )


def _not_numbers(names: str, role: Role, signal: Signal) -> Iterator[str]:
    finite = np.isfinite(signal.values)
    if not finite.all():
        missing = ~finite.all(axis=1)
        count = int(missing.sum())
        first = int(np.argmax(missing))
        yield f"{names} ({role.value}): {count} of {missing.size} samples are not numbers, the first is sample {first}"


def _action_is_next_state(choices: Mapping[Role, RoleChoice], signals: Mapping[Role, Signal]) -> Iterator[str]:
    """An action that merely repeats the next (or the same) state says nothing about tracking."""
    action = signals.get(Role.ACTION)
    if action is None or action.num_samples < 3 or action.times_ns is not None or choices[Role.ACTION].dead:
        return
    for role in _FOLLOWED_BY:
        state = signals.get(role)
        if state is None or state.num_samples != action.num_samples or choices[role].dead:
            continue
        width = state.values.shape[1]
        if action.values.shape[1] < width:
            continue
        commanded = action.values[:, :width]
        if np.allclose(commanded[:-1], state.values[1:], atol=1e-6, equal_nan=True):
            yield f"{action.stream} is the next {state.stream}: a tracking error cannot be judged from it"
        elif np.allclose(commanded, state.values, atol=1e-6, equal_nan=True):
            yield f"{action.stream} is a copy of {state.stream}: a tracking error cannot be judged from it"


def copies(streams: Mapping[str, RawStream]) -> dict[str, str]:
    """Streams that hold exactly the values of another one: name -> the other's name."""
    same: dict[bytes, list[str]] = {}
    for name, stream in streams.items():
        if not stream.role_free and stream.width >= 2 and np.any(stream.values):
            same.setdefault(stream.values.tobytes(), []).append(name)
    groups = [names for names in same.values() if len(names) > 1]
    return {name: names[0] if name != names[0] else names[1] for names in groups for name in names}
