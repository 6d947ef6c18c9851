"""Objects that fall over: knocked over by the robot, or tipped after they were released.

Lean is the angle between the world's vertical (z of the recorded positions) and the direction in the object that was
vertical when the episode began; turns about the vertical do not count. A held object may lean as it likes.
"""

from collections.abc import Iterator

import numpy as np

from failview.detectors.confidence import from_margin
from failview.detectors.detector import Case
from failview.detectors.intervals import intervals
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values

KNOCKED_OVER, TIPPED = "workspace.knocked_over", "workspace.tipped"

_START_DEG = 3.0
"""The taxonomy's rule for turns: they begin about 3 degrees into them."""

_SPREAD_DEG = 4.0

_ALOFT_M = 0.05
"""What topples on its support raises its middle by less: an edge of 10 cm at most."""


def lean_deg(case: Case) -> Values | None:
    """(rows,) lean of the object, degrees; None without its orientation."""
    turned = case.conditioned.object_rotations
    if turned is None:
        return None
    upright_in_object = turned[0].inv().apply(np.array([0.0, 0.0, 1.0]))
    return np.asarray(np.degrees(np.arccos(np.clip(turned.apply(upright_in_object)[:, 2], -1.0, 1.0))))


def topples(case: Case, lean: Values) -> Iterator[Detection]:
    """Every topple of the object while nobody held it."""
    clock = case.conditioned.clock
    held = case.story.holding(case.conditioned.rows)
    limit = case.settings["workspace.toppled_deg"]
    for over, last in intervals((lean > limit) & ~held, gap=clock.rows(0.2)):
        if over > 0 and held[over - 1] and lean[over - 1] > limit:
            continue  # it leant as much in the hand; letting go changed nothing
        if over == 0 or _carried(case, over):
            continue
        since = int(np.flatnonzero(held[:over])[-1]) + 1 if held[:over].any() else 0
        onset = _onset(lean, since, over)
        kind = TIPPED if held[:over].any() else KNOCKED_OVER
        peak = float(lean[over : last + 1].max())
        how = f"let go at frame {clock.frame_from(since)}" if kind == TIPPED else "nothing held it"
        yield Detection(
            "workspace",
            kind,
            clock.frame_from(onset),
            clock.frame_from(last),
            from_margin(peak, limit, _SPREAD_DEG),
            f"object leans {peak:.0f}°, past {limit:.0f}° at frame {clock.frame_from(over)}; {how}",
            obvious_frame=clock.frame_from(over),
            measures={"lean_deg": peak, "released_frame": float(clock.frame_from(since))},
        )


def _carried(case: Case, row: int) -> bool:
    """Whether the object is in the air in an episode whose gripper tells nothing: somebody must be holding it."""
    position = case.conditioned.get(Role.OBJECT_POSITION)
    if not case.story.not_judged or position is None:
        return False
    return bool(position[row, 2] > position[0, 2] + _ALOFT_M)


def _onset(lean: Values, since: int, over: int) -> int:
    """First row of the topple: 3 degrees beyond how the object leant when it was let go, or when the episode began."""
    before = np.flatnonzero(lean[since:over] < lean[since] + _START_DEG)
    return since + int(before[-1]) + 1 if before.size else since
