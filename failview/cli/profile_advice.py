"""What to put into the profile so that a detector can judge."""

from collections.abc import Collection, Iterator, Sequence

from failview.cli.inspection import Inspection
from failview.detectors.requirements import REQUIREMENTS, Requirement
from failview.loaders.dataset import StreamInfo
from failview.loaders.profiles.profile import allowed_units
from failview.loaders.roles.role_names import name_words
from failview.model.roles import ROLE_SPECS, Role

_MOST_CANDIDATES = 4
_SAYS_OTHERWISE = frozenset({"velocity", "vel", "angular", "acceleration", "accel", "covariance", "contacts", "imu"})
"""Words in a stream's name that tell what it is: none of the roles that detectors lack."""

_CLOCK_NAMES = frozenset({"timestamp", "timestamps", "time", "stamp", "t"})


def profile_lines(inspection: Inspection) -> list[str]:
    """TOML lines for the roles that detectors lack and a stream could play; empty when there are none.

    Each names a stream that could play the role by its shape; which one does is for a person to say.
    """
    typical = inspection.typical
    if typical is None:
        return []
    present = {role for role, assignment in typical.assignments.items() if not assignment.dead}
    lacking = inspection.not_judged()
    lines: list[str] = []
    offered: set[Role] = set()
    for requirement in REQUIREMENTS:
        if requirement.detector not in lacking:
            continue
        missing = _missing(requirement, present)
        for role in missing:
            if role not in offered:
                offered.add(role)
                lines += _role_lines(role, requirement.detector, typical.streams)
        if not missing and requirement.model_for is not None:
            lines += ["[robot]", f'model = "robot.urdf"  # for {requirement.detector}: URDF or MJCF of this robot', ""]
    return lines


def _missing(requirement: Requirement, present: Collection[Role]) -> list[Role]:
    """The roles of the alternative that lacks fewest."""
    nearest = min(requirement.alternatives, key=lambda option: len(option - set(present)))
    return [role for role in Role if role in nearest and role not in present]


def _role_lines(role: Role, detector: str, streams: Sequence[StreamInfo]) -> Iterator[str]:
    candidates = [stream.stream for stream in streams if _could_play(stream, role)][:_MOST_CANDIDATES]
    if not candidates:
        return
    others = f"; or {', '.join(candidates[1:])}" if len(candidates) > 1 else ""
    remark = f"{ROLE_SPECS[role].meaning}, for {detector}{others}"
    # Commented out: a shape that fits proves nothing, and what is copied unread must not become a fact.
    yield f"# [roles.{role.value}]"
    yield f'# stream = "{candidates[0]}"  # {remark}'
    units = allowed_units(role)
    if units and units[0]:
        yield f'# unit = "{units[0]}"  # one of {", ".join(units)}'
    yield ""


def _could_play(stream: StreamInfo, role: Role) -> bool:
    """Whether a stream that plays no role yet has the shape that a role wants."""
    widths = ROLE_SPECS[role].widths
    columns = stream.shape[0] if len(stream.shape) == 1 else 1 if not stream.shape else 0
    is_signal = stream.dtype.startswith("float") and not stream.note
    named_as_clock = stream.stream.rpartition("/")[2].lower() in _CLOCK_NAMES
    named_otherwise = role is not Role.JOINT_VELOCITY and bool(name_words(stream.stream) & _SAYS_OTHERWISE)
    fits = columns > 0 and (not widths or columns in widths)
    return stream.role is None and is_signal and fits and not named_as_clock and not named_otherwise
