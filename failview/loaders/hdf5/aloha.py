"""What ALOHA and ACT write by convention and nowhere say: the order of the joints, the colours of their JPEGs."""

from collections.abc import Mapping

import h5py

from failview.loaders.roles.stream_units import BY_CONVENTION

ORDER_REASON = "ALOHA's order of the columns, by convention"

_ARM = ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate", "gripper")
_SIDES = ("left", "right")
_STREAMS = ("observations/qpos", "observations/qvel", "observations/effort", "action")


EFFORT_UNIT = f"motor current, {BY_CONVENTION}"
"""Interbotix arms report the current of their Dynamixel motors, in mA, as effort."""


def is_aloha(datasets: Mapping[str, h5py.Dataset]) -> bool:
    """Whether a tree is laid out as ALOHA writes it: qpos of one or two arms of 7 columns, and an action."""
    qpos, action = datasets.get("observations/qpos"), datasets.get("action")
    if qpos is None or action is None or qpos.ndim != 2 or action.ndim != 2:
        return False
    return int(qpos.shape[1]) in {7, 14} and int(action.shape[1]) >= int(qpos.shape[1])


def column_names(name: str, width: int) -> tuple[str, ...]:
    """Names of the columns of one of ALOHA's streams; empty for another stream or width."""
    if name not in _STREAMS or width not in {7, 14}:
        return ()
    if width == 7:
        return _ARM
    return tuple(f"{side}_{joint}" for side in _SIDES for joint in _ARM)
