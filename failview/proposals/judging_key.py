"""Hash over everything but the episode that decides what is found in it."""

import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from failview import __version__
from failview.loaders.assembled_dataset import AssembledDataset
from failview.proposals.detector_settings import settings_json, settings_of

_ROOMS = ("detectors", "loaders", "model", "settings")
"""Rooms of the package whose code decides."""

_OPTIONAL = ("pinocchio", "onnxruntime", "imagecodecs")
"""Without them something is not judged, or judged otherwise; who installs one wants to see it."""

_READ_AT_ONCE = 1 << 20


def judging_key(part: AssembledDataset) -> str:
    """Settings, profile, the files that it names, roles decided over the dataset, code, installed extras."""
    profile = replace(part.profile, path=None)
    named = (part.robot.path, profile.success.template, profile.success.onnx)
    parts = [
        code_hash(),
        json.dumps(settings_json(settings_of(profile)), sort_keys=True),
        repr(profile),
        *("" if path is None else _content_hash(path) for path in named),
        part.role_digest(),
        repr([name for name in _OPTIONAL if find_spec(name) is not None]),
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@cache
def code_hash() -> str:
    """Hash over the code that judges, so that another version of it judges again."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(__version__.encode())
    for room in _ROOMS:
        for source in sorted((package / room).rglob("*.py")):
            digest.update(source.relative_to(package).as_posix().encode() + b"\n" + source.read_bytes())
    return digest.hexdigest()[:32]


def _content_hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_AT_ONCE):
                digest.update(block)
    except OSError:
        return "cannot be read"
    return digest.hexdigest()
