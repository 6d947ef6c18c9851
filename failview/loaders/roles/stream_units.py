"""Units of streams: declared in the file's words, or guessed from the values and said so."""

import re
from dataclasses import dataclass

import numpy as np

from failview.loaders.raw_dataset import Floats
from failview.model.roles import ARBITRARY_UNIT, ROLE_SPECS, UNIT_FACTORS, Quantity, Role

_SPELLINGS = {
    **dict.fromkeys(("meter", "meters", "metre", "metres"), "m"),
    **dict.fromkeys(("millimeter", "millimeters", "millimetre", "millimetres"), "mm"),
    **dict.fromkeys(("centimeter", "centimeters", "centimetre", "centimetres"), "cm"),
    **dict.fromkeys(("radian", "radians"), "rad"),
    **dict.fromkeys(("degree", "degrees", "°"), "deg"),
    **dict.fromkeys(("radians/s", "rad/sec"), "rad/s"),
    **dict.fromkeys(("degrees/s", "°/s", "deg/sec"), "deg/s"),
    **dict.fromkeys(("newton", "newtons", "n"), "N"),
    **dict.fromkeys(("n*m", "n·m", "n.m", "n-m", "newton-meter", "newton-meters", "nm"), "Nm"),
}

_DEVICE_SCALES = frozenset(
    {"ma", "a", "current", "count", "counts", "tick", "ticks", "raw", "pwm", "%", "percent", "normalized", "normalised"}
)
"""Words that declare a scale of the device, which is none of a role's units."""

SI_UNITS = "SI"
"""Declared unit of a stream whose columns differ in quantity, all of them SI."""

BY_CONVENTION = "by convention"
"""End of the words for a unit that a family of files has, though no file says so."""

_RADIANS_AT_MOST = 4 * np.pi
"""Two turns either way; wrists that turn further are rare, and degrees exceed it at once."""
_METRES_AT_MOST = 10.0
"""No table-top arm reaches further from its origin; millimetres exceed it at once."""
_APERTURE_METRES_AT_MOST = 0.25
"""The widest common parallel gripper opens 0.2 m; anything above is no metre."""
_RADIANS_PER_S_AT_MOST = 30.0
"""Joints of arms stay below 10 rad/s; degrees per second exceed this at any useful speed."""
_PERCENT = 100.5
_UNIT_NORM_TOLERANCE = 0.05


@dataclass(frozen=True)
class UnitChoice:
    """Unit of a stream in the file.

    Attributes:
        unit: Key of UNIT_FACTORS of the role's quantity, or "arbitrary".
        guessed: Not declared.
        reason: Why, in words.
    """

    unit: str
    guessed: bool
    reason: str


def declared_unit(text: str | None, role: Role) -> str | None:
    """The unit that the file's words name: one of the role's quantity, or "arbitrary" for a scale of the device."""
    if text is None:
        return None
    spec = ROLE_SPECS[role]
    if spec.quantity is Quantity.NONE or text == SI_UNITS:
        return spec.unit
    words = [word for word in re.split(r"[\s,;()\[\]]+", text.strip()) if word]
    spelled = [_SPELLINGS.get(word.lower(), word) for word in words]
    if spec.quantity is Quantity.WRENCH:
        return spec.unit if "N" in spelled or "Nm" in spelled else None
    known = next((word for word in spelled if word in UNIT_FACTORS[spec.quantity]), None)
    if known is None and spec.quantity is not Quantity.QUATERNION and _DEVICE_SCALES & {word.lower() for word in words}:
        return ARBITRARY_UNIT
    return known


def guess_unit(role: Role, rows: Floats, low: Floats, high: Floats, quaternion_order: str) -> UnitChoice:
    """The unit that the values suggest.

    Args:
        role: Role of the columns.
        rows: (n, columns) samples.
        low: (columns,) smallest values.
        high: (columns,) largest values.
        quaternion_order: Order by convention of the file's family; "" when there is none.
    """
    spec = ROLE_SPECS[role]
    largest = float(np.nanmax(np.abs(np.concatenate([low, high])), initial=0.0))
    guesses = {
        Quantity.NONE: lambda: UnitChoice(spec.unit, False, ""),
        Quantity.QUATERNION: lambda: _order(quaternion_order),
        Quantity.ANGLE: lambda: _angle(rows, low, high, largest),
        Quantity.ANGULAR_VELOCITY: lambda: _angular_velocity(largest),
        Quantity.LENGTH: lambda: (
            _aperture(float(np.nanmin(low, initial=0.0)), largest)
            if role is Role.GRIPPER_APERTURE
            else _length(largest)
        ),
    }
    guess = guesses.get(spec.quantity)
    return guess() if guess else UnitChoice(spec.unit, True, f"unit not declared; taken as {spec.unit}")


def order_in_name(name: str) -> str:
    """The order of a quaternion that its stream's name tells ("object_quat_wxyz"); "" when it tells none."""
    found = re.findall(r"(?:wxyz|xyzw)(?![a-z])", name.lower())
    return found[-1] if found else ""


def _order(convention: str) -> UnitChoice:
    if convention:
        return UnitChoice(convention, True, f"{convention} is the convention of this family of files")
    return UnitChoice("xyzw", True, "order not declared; most files write x y z w")


def _angle(rows: Floats, low: Floats, high: Floats, largest: float) -> UnitChoice:
    if largest <= _RADIANS_AT_MOST:
        moving = high > low
        if low.size > 2 and moving.any() and float(np.nanmin(low)) >= 0 and largest <= 1.0:
            return UnitChoice(ARBITRARY_UNIT, True, "all values lie in 0-1: a normalised scale, not an angle")
        return UnitChoice("rad", True, f"values reach {largest:.3g}: radians by their size")
    known = rows[np.isfinite(rows)]
    if largest > 360 or (largest > _PERCENT and known.size and bool(np.all(known == np.rint(known)))):
        return UnitChoice(ARBITRARY_UNIT, True, f"values reach {largest:.4g}: servo ticks or another device scale")
    if largest > _PERCENT:
        return UnitChoice("deg", True, f"values reach {largest:.4g}: degrees by their size")
    return UnitChoice(ARBITRARY_UNIT, True, f"values reach {largest:.3g}: degrees or percent, the file does not say")


def _angular_velocity(largest: float) -> UnitChoice:
    if largest <= _RADIANS_PER_S_AT_MOST:
        return UnitChoice("rad/s", True, f"values reach {largest:.3g}: rad/s by their size")
    return UnitChoice(ARBITRARY_UNIT, True, f"values reach {largest:.4g}: deg/s or a device scale")


def _aperture(smallest: float, largest: float) -> UnitChoice:
    if largest <= _APERTURE_METRES_AT_MOST and smallest >= -0.01:
        return UnitChoice("m", True, f"values reach {largest:.3g}: metres by their size")
    return UnitChoice(ARBITRARY_UNIT, True, f"values reach {largest:.3g}: a normalised or device scale, not metres")


def _length(largest: float) -> UnitChoice:
    if largest <= _METRES_AT_MOST:
        return UnitChoice("m", True, f"values reach {largest:.3g}: metres by their size")
    return UnitChoice("mm", True, f"values reach {largest:.4g}: millimetres by their size")


def is_unit_quaternion(rows: Floats) -> bool:
    """Whether rows of four columns are rotations (norm 1)."""
    norms = np.linalg.norm(rows[np.all(np.isfinite(rows), axis=1)], axis=1)
    return bool(norms.size and np.mean(np.abs(norms - 1.0) < _UNIT_NORM_TOLERANCE) > 0.9)
