"""Writes what was calibrated into a profile: its [detectors] tables only; every other line and comment stays."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from failview.detectors.calibration.confidence_lines import Line
from failview.errors import ProfileError
from failview.loaders.profiles.profile_file import read_profile

_HEADER = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_ANY_HEADER = re.compile(r"^\s*\[")
_KEY = re.compile(r"^\s*(\"[^\"]+\"|'[^']+'|[A-Za-z0-9_.-]+)\s*=")
_TABLE, _CONFIDENCE, _JOINTS = "detectors", "detectors.confidence", "joint_residual_nm"
_FOUND = "as failview calibrate found"


@dataclass(frozen=True)
class Calibrated:
    """What is to be written.

    Attributes:
        thresholds: Values by name.
        confidence: Lines by detection kind and proposed field.
        joint_residual_nm: Limit per joint; empty to leave it as it is.
    """

    thresholds: Mapping[str, float]
    confidence: Mapping[str, Line]
    joint_residual_nm: tuple[float, ...] = ()


def write_calibrated(path: Path, calibrated: Calibrated) -> None:
    """Put what was calibrated into a profile; a new one is made where there is none.

    Raises:
        ProfileError: It cannot be written, or is laid out so that only a person can change it.
    """
    try:
        text = path.read_bytes().decode() if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"this profile cannot be read ({error})", where=path) from error
    changed = calibrated_text(text, calibrated)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(changed.encode())
    except OSError as error:
        raise ProfileError(f"the profile cannot be written ({error.strerror})", where=path) from error
    try:
        _require_the_same(temporary, path, calibrated)
        temporary.replace(path.resolve())  # a link stays one
    except OSError as error:
        raise ProfileError(f"the profile cannot be written ({error.strerror})", where=path) from error
    finally:
        temporary.unlink(missing_ok=True)


def calibrated_text(text: str, calibrated: Calibrated) -> str:
    """The text of a profile with what was calibrated in its [detectors] tables."""
    lines, newline = text.splitlines(), "\r\n" if "\r\n" in text else "\n"
    own = {f'"{name}"': f"{value!r}  # {_FOUND}" for name, value in calibrated.thresholds.items()}
    if calibrated.joint_residual_nm:
        shown = ", ".join(f"{limit:g}" for limit in calibrated.joint_residual_nm)
        own[_JOINTS] = f"[{shown}]  # Nm, {_FOUND} in successes"
    pairs = {json.dumps(kind): f"[{slope!r}, {offset!r}]" for kind, (slope, offset) in calibrated.confidence.items()}
    lines = _with(lines, _TABLE, own)
    lines = _with(lines, _CONFIDENCE, pairs)
    return newline.join(lines) + newline


def _with(lines: list[str], table: str, entries: Mapping[str, str]) -> list[str]:
    """The lines with entries in a table: in place where the key is there, else at the end of the table."""
    if not entries:
        return lines
    begin = next((number for number, line in enumerate(lines) if _names(line, table)), None)
    if begin is None:
        gap = [""] if lines and lines[-1].strip() else []
        return [*lines, *gap, f"[{table}]", *(f"{key} = {value}" for key, value in entries.items())]
    end = next((n for n in range(begin + 1, len(lines)) if _ANY_HEADER.match(lines[n])), len(lines))
    left = dict(entries)
    inside = []
    for line in lines[begin + 1 : end]:
        key = _key(line)
        found = next((name for name in left if _plain(name) == key), None) if key else None
        inside.append(line if found is None else f"{found} = {left.pop(found)}")
    last = max((n for n, line in enumerate(inside) if line.strip()), default=-1) + 1
    added = [f"{key} = {value}" for key, value in left.items()]
    return [*lines[: begin + 1], *inside[:last], *added, *inside[last:], *lines[end:]]


def _names(line: str, table: str) -> bool:
    header = _HEADER.match(line)
    return header is not None and _plain(header.group(1)) == table


def _key(line: str) -> str:
    found = _KEY.match(line)
    return _plain(found.group(1)) if found else ""


def _plain(dotted: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in dotted.split("."))


def _require_the_same(written: Path, path: Path, calibrated: Calibrated) -> None:
    """Refuse a text that does not say what was meant: thresholds may stand in tables of tables, or over several lines.

    Raises:
        ProfileError: It does not.
    """
    try:
        found = read_profile(written).detectors
        lost = [name for name, value in calibrated.thresholds.items() if found.thresholds.get(name) != value]
        lost += [kind for kind, line in calibrated.confidence.items() if tuple(found.confidence.get(kind, ())) != line]
    except (ProfileError, tomllib.TOMLDecodeError):
        lost = [*calibrated.thresholds, *calibrated.confidence]
    if lost:
        hint = f"Remove {lost[0]} from it, so that it can be written into [{_TABLE}]"
        raise ProfileError(
            "the [detectors] tables are laid out so that they cannot be changed safely", where=path, hint=hint
        )
