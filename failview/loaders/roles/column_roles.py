"""Roles for single columns of a stream whose columns have names (a robot's state vector)."""

from collections.abc import Iterator

from failview.loaders.roles.role_candidates import Candidate, Part
from failview.loaders.roles.role_names import ColumnKind, ColumnMeaning, Combine, column_meaning, name_words
from failview.loaders.roles.stream_summary import StreamSummary
from failview.model.roles import Role

_ROLE_OF_KIND = {
    ColumnKind.JOINT_POSITION: Role.JOINT_POSITION,
    ColumnKind.JOINT_VELOCITY: Role.JOINT_VELOCITY,
    ColumnKind.JOINT_TORQUE: Role.JOINT_TORQUE,
}
_XYZ = ("x", "y", "z")
_QUATERNION = frozenset({"qx", "qy", "qz", "qw"})
_STEM_ROLES = {
    "ee": (Role.EE_POSITION, Role.EE_ORIENTATION),
    "object": (Role.OBJECT_POSITION, Role.OBJECT_ORIENTATION),
}
_SCORE = 8


def candidates_by_label(summary: StreamSummary) -> Iterator[Candidate]:
    """Roles that the column names of a stream suggest."""
    meanings = [column_meaning(label) for label in summary.labels]
    if len(meanings) != summary.width:
        return
    where = summary.label_reason or "its column names"
    yield from _joints(summary, meanings, where)
    yield from _gripper(summary, meanings, where)
    yield from _vectors(summary, meanings, where)


def _joints(summary: StreamSummary, meanings: list[ColumnMeaning], where: str) -> Iterator[Candidate]:
    stream_words = name_words(summary.name)
    names_robot = any("robot" in label.lower() for label in summary.labels)
    for kind, role in _ROLE_OF_KIND.items():
        columns = tuple(
            index
            for index, meaning in enumerate(meanings)
            if meaning.kind is kind and (not names_robot or "robot" in summary.labels[index].lower())
        )
        if kind is ColumnKind.JOINT_POSITION and "vel" in stream_words:
            role = Role.JOINT_VELOCITY  # noqa: PLW2901 - the stream's name decides what its joints measure
        elif kind is ColumnKind.JOINT_POSITION and "torque" in stream_words:
            role = Role.EXTERNAL_TORQUE if "external" in stream_words else Role.JOINT_TORQUE  # noqa: PLW2901
        if len(columns) >= 2:
            yield Candidate(role, (Part(summary.name, columns),), _SCORE, where)


def _gripper(summary: StreamSummary, meanings: list[ColumnMeaning], where: str) -> Iterator[Candidate]:
    columns = tuple(
        index
        for index, meaning in enumerate(meanings)
        if meaning.kind is ColumnKind.GRIPPER and "vel" not in name_words(summary.labels[index])
    )
    if not columns or name_words(summary.name) & {"vel", "torque"}:
        return
    if len(columns) == 2 and not _of_two_arms(*(summary.labels[index] for index in columns)):
        part = Part(summary.name, columns)
        yield Candidate(Role.GRIPPER_APERTURE, (part,), 7, where, combine=Combine.SUM_OF_ABSOLUTES)
    doubt = "one gripper column" if len(columns) == 1 else f"the first of {len(columns)} gripper columns that moves"
    columns = tuple(sorted(columns, key=lambda index: summary.is_constant([index])))
    aperture = "aperture" in name_words(summary.labels[columns[0]])
    part = Part(summary.name, columns[:1])
    yield Candidate(Role.GRIPPER_APERTURE, (part,), 9 if aperture else 5, where, "" if aperture else doubt)


def _of_two_arms(first: str, second: str) -> bool:
    """Whether two gripper columns are those of a left and a right arm, not of two fingers."""
    words = name_words(first) | name_words(second)
    return {"left", "right"} <= words and "finger" not in words


def _vectors(summary: StreamSummary, meanings: list[ColumnMeaning], where: str) -> Iterator[Candidate]:
    stems: dict[str, dict[str, int]] = {}
    for index, meaning in enumerate(meanings):
        if meaning.kind is ColumnKind.COMPONENT:
            stems.setdefault(meaning.stem, {}).setdefault(meaning.component, index)
    free_bodies = [stem for stem in stems if _subject(stem) == "object"]
    for stem, components in stems.items():
        subject = _subject(stem)
        position, orientation = _STEM_ROLES.get(subject, (None, None))
        if position is None or orientation is None:
            continue
        doubt = f"first of {len(free_bodies)} objects" if subject == "object" and len(free_bodies) > 1 else ""
        doubt = doubt or ("the names do not say whose position it is" if not stem else "")
        score = _SCORE - (0 if stem in {"", *free_bodies[:1]} or subject == "ee" else 1)
        if all(axis in components for axis in _XYZ):
            columns = tuple(components[axis] for axis in _XYZ)
            yield Candidate(position, (Part(summary.name, columns),), score, where, doubt)
        if components.keys() >= _QUATERNION:
            columns = tuple(components[axis] for axis in ("qx", "qy", "qz", "qw"))
            yield Candidate(orientation, (Part(summary.name, columns),), score, where, doubt, order="xyzw")


def _subject(stem: str) -> str:
    """Whose position a group of components is: of the end effector, or of a thing (a free joint is one)."""
    words = name_words(stem)
    if not words or words & {"ee"}:
        return "ee"
    if words & {"action", "command", "base", "goal", "torso", "pelvis", "imu", "vel"}:
        return ""
    return "object" if words & {"object", "joint"} else ""
