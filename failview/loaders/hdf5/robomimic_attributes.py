"""What the attributes of a robomimic-style file declare: rate, task, units, conventions."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import h5py
import numpy as np

_BDDL_LANGUAGE = re.compile(r"\(:language\s+([^()]+)\)")


def json_attribute(item: h5py.Group, name: str) -> Mapping[str, Any]:
    """A JSON attribute as a mapping; empty when it is absent or not an object."""
    text = text_attribute(item, name)
    return _object(text) if text else {}


@lru_cache(maxsize=16)
def _object(text: str) -> Mapping[str, Any]:
    """The same few attributes are asked for with every episode of a file."""
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def text_attribute(item: h5py.Group | h5py.Dataset, name: str) -> str:
    """An attribute as text; empty when absent."""
    # To be told that there is none by an error takes h5py ten times as long.
    if not h5py.h5a.exists(item.id, name.encode()):
        return ""
    value = item.attrs.get(name, "")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def declared_rate(data: h5py.Group) -> tuple[float | None, str]:
    """(frames per second, where it is declared) of the whole file."""
    rate_hz = _positive(data.attrs.get("control_freq_hz"))
    if rate_hz:
        return rate_hz, "attribute control_freq_hz"
    args = json_attribute(data, "env_args")
    for attribute, settings in (
        ("env_args", args.get("env_kwargs")),
        ("env_args", args),
        ("env_info", json_attribute(data, "env_info")),
    ):
        rate_hz = _positive(settings.get("control_freq")) if isinstance(settings, dict) else None
        if rate_hz:
            return rate_hz, f"control_freq in {attribute}"
    return _isaac_rate(args)


def _isaac_rate(args: Mapping[str, Any]) -> tuple[float | None, str]:
    """Isaac Lab writes the physics step and how many of them make one control step."""
    settings = args.get("sim_args")
    if not isinstance(settings, dict):
        return None, ""
    step_s, decimation = _positive(settings.get("dt")), _positive(settings.get("decimation"))
    if not step_s or not decimation:
        return None, ""
    return 1.0 / (step_s * decimation), "sim_args in env_args"


def dataset_task(data: h5py.Group) -> str:
    """What the robot was asked to do in all episodes, in the best words the file has; else the environment's name."""
    return _first_text(
        json_attribute(data, "problem_info").get("language_instruction"),
        _bddl_language(text_attribute(data, "bddl_file_content")),
        json_attribute(data, "env_args").get("env_name"),
        text_attribute(data, "env"),
    )


def episode_task(demo: h5py.Group) -> str:
    """What the robot was asked to do in one episode; empty when it does not say."""
    return _first_text(json_attribute(demo, "ep_meta").get("lang"), text_attribute(demo, "language_instruction"))


def _bddl_language(content: str) -> str:
    """The instruction in a LIBERO task description."""
    found = _BDDL_LANGUAGE.search(content)
    return " ".join(found.group(1).split()) if found else ""


def _first_text(*candidates: object) -> str:
    return next((item.strip().strip('"') for item in candidates if isinstance(item, str) and item.strip()), "")


def declared_unit(fields: Mapping[str, Any], dataset: h5py.Dataset, name: str) -> str | None:
    """Unit of a dataset in the file's words: its own attribute, else the file's table of fields."""
    for attribute in ("units", "unit"):
        text = text_attribute(dataset, attribute)
        if text:
            return text
    field = fields.get(name)
    if isinstance(field, dict):
        unit = field.get("units", field.get("unit"))
        return unit if isinstance(unit, str) else None
    return None


def quaternion_order(data: h5py.Group) -> str:
    """Order that Isaac Lab writes quaternions in; "" for other recorders.

    Up to its file format 0 they begin with w, and from format 1 on they end with it (HDF5DatasetFileHandler).
    """
    if not str(json_attribute(data, "env_args").get("env_name", "")).startswith("Isaac-"):
        return ""
    version = data.file.attrs.get("format_version", 0)
    return "xyzw" if isinstance(version, int | np.integer) and version >= 1 else "wxyz"


def stores_bottom_row_first(data: h5py.Group) -> bool:
    """Whether pictures stand on their head; LIBERO says so by the name of robosuite's setting."""
    return text_attribute(data, "macros_image_convention") == "opengl"


def _positive(value: object) -> float | None:
    if isinstance(value, int | float | np.integer | np.floating) and float(value) > 0:
        return float(value)
    return None
