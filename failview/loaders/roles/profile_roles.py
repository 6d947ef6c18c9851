"""Puts what the profile says about roles in place of what was guessed."""

from collections.abc import Mapping

import numpy as np

from failview.loaders.profiles.profile import Profile, RoleMapping
from failview.loaders.roles.orientations import ROTATION_VECTOR
from failview.loaders.roles.role_candidates import Part
from failview.loaders.roles.role_names import Combine
from failview.loaders.roles.stream_roles import MAY_BE_CONSTANT, RoleChoice
from failview.loaders.roles.stream_summary import Summaries
from failview.loaders.roles.stream_units import declared_unit, guess_unit
from failview.model.roles import ROLE_SPECS, Role


def apply_profile(
    choices: Mapping[Role, RoleChoice], profile: Profile, summaries: Summaries, quaternion_order: str
) -> tuple[dict[Role, RoleChoice], list[str]]:
    """(roles with the profile's mappings in place, one warning for each mapping that does not fit this episode)."""
    chosen = dict(choices)
    warnings = []
    for role, mapping in profile.roles.items():
        chosen.pop(role, None)
        if not mapping.streams:
            continue
        problem = mapping_problem(role, mapping, summaries)
        if problem:
            warnings.append(f"profile, roles.{role.value}: {problem}")
        else:
            chosen[role] = _choice(role, mapping, summaries, quaternion_order)
            warnings += _contradiction(role, mapping, summaries)
    return {role: chosen[role] for role in Role if role in chosen}, warnings


def _contradiction(role: Role, mapping: RoleMapping, summaries: Summaries) -> list[str]:
    """A unit that the file declares otherwise: the profile counts, but one of them is wrong."""
    if mapping.unit is None or mapping.scale != 1.0:
        return []
    stream = mapping.streams[0]
    declared = declared_unit(summaries[stream].unit, role)
    if declared is None or declared == mapping.unit:
        return []
    return [f"profile, roles.{role.value}: unit {mapping.unit!r}, but {stream} declares {declared!r}: one is wrong"]


def mapping_problem(role: Role, mapping: RoleMapping, summaries: Summaries) -> str:
    """Why a mapping does not fit the streams of an episode; "" when it does."""
    missing = [stream for stream in mapping.streams if stream not in summaries]
    if missing:
        return f"there is no stream {missing[0]}"
    columns = _columns(mapping, summaries)
    total = sum(summaries[stream].width for stream in mapping.streams)
    if max(columns) >= total:
        return f"column {max(columns)} of {total}"
    width = len(columns) if mapping.combine is Combine.NONE else 1
    widths = (3,) if mapping.unit == ROTATION_VECTOR else ROLE_SPECS[role].widths
    if widths and width not in widths:
        return f"{width} columns, but this role takes {' or '.join(map(str, widths))}"
    return ""


def _columns(mapping: RoleMapping, summaries: Summaries) -> tuple[int, ...]:
    """Columns counted over all streams of the mapping, side by side."""
    if isinstance(mapping.columns, slice):
        return tuple(range(mapping.columns.start, mapping.columns.stop))
    if mapping.columns is not None:
        return mapping.columns
    return tuple(range(sum(summaries[stream].width for stream in mapping.streams)))


def _choice(role: Role, mapping: RoleMapping, summaries: Summaries, quaternion_order: str) -> RoleChoice:
    parts = _parts(mapping, summaries)
    picked = [(summaries[part.stream], list(part.columns)) for part in parts]
    says = "the profile says so, unconfirmed" if mapping.guessed else "the profile says so"
    unit, guessed, reason = mapping.unit, False, says
    if unit is None:
        unit = declared_unit(picked[0][0].unit, role)
    if unit is None:
        guess = guess_unit(
            role,
            np.concatenate([summary.rows[:, columns] for summary, columns in picked], axis=1),
            np.concatenate([summary.low[columns] for summary, columns in picked]),
            np.concatenate([summary.high[columns] for summary, columns in picked]),
            quaternion_order,
        )
        unit, guessed, reason = guess.unit, guess.guessed, f"{says}; {guess.reason}".rstrip("; ")
    return RoleChoice(
        role,
        parts,
        unit,
        guessed or mapping.guessed,
        reason,
        mapping.combine,
        mapping.scale * mapping.sign,
        dead=role not in MAY_BE_CONSTANT and all(summary.is_constant(columns) for summary, columns in picked),
    )


def _parts(mapping: RoleMapping, summaries: Summaries) -> tuple[Part, ...]:
    parts: list[Part] = []
    owners = [(stream, column) for stream in mapping.streams for column in range(summaries[stream].width)]
    for index in _columns(mapping, summaries):
        stream, column = owners[index]
        if parts and parts[-1].stream == stream:
            parts[-1] = Part(stream, (*parts[-1].columns, column))
        else:
            parts.append(Part(stream, (column,)))
    return tuple(parts)
