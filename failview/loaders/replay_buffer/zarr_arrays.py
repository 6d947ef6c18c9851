"""The arrays of a zarr hierarchy, found by their own descriptions (v2 and v3), each opened by itself."""

import importlib
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zarr

from failview.errors import DatasetError
from failview.loaders.replay_buffer.zarr_files import ZarrFiles
from failview.loaders.replay_buffer.zarr_store import FilesStore

_MAX_DEPTH = 6
_UMI_CODECS = "imagecodecs_"
_UMI_HINT = "pip install 'failview[umi]'"
_REFUSED_CODECS = frozenset({"pickle"})


@dataclass(frozen=True)
class ArraySpec:
    """What an array's own description says.

    Attributes:
        path: Path in the hierarchy.
        zarr_format: 2 or 3.
        codecs: Names of its filters and compressors.
        attributes: What the recorder noted.
    """

    path: str
    zarr_format: int
    codecs: tuple[str, ...]
    attributes: Mapping[str, Any]


def read_attributes(files: ZarrFiles, group: str) -> Mapping[str, Any]:
    """The attributes of a group; empty without any."""
    v2, v3 = _json(files, _join(group, ".zattrs")), _json(files, _join(group, "zarr.json"))
    found = v2 if v2 is not None else (v3 or {}).get("attributes")
    return found if isinstance(found, dict) else {}


def find_arrays(files: ZarrFiles) -> dict[str, ArraySpec]:
    """Every array by its path; those of a store that cannot list its files come from consolidated metadata."""
    found = {spec.path: spec for spec in _walk(files, "", 0)}
    for path, spec in _consolidated(files).items():
        found.setdefault(path, spec)
    return found


def open_array(store: FilesStore, spec: ArraySpec, where: Path) -> "zarr.Array[Any]":
    """Open one array.

    Raises:
        DatasetError: A codec is missing, refused or unknown, or its description is damaged.
    """
    refused = _REFUSED_CODECS & set(spec.codecs)
    if refused:
        raise DatasetError(f"{spec.path} holds pickled objects, which are never loaded", where=where)
    wanted = [codec for codec in spec.codecs if codec.startswith(_UMI_CODECS)]
    if wanted:
        _register(spec, wanted, where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zarr comments on extensions that are no standard yet
            return zarr.open_array(store, path=spec.path, mode="r", zarr_format=2 if spec.zarr_format == 2 else 3)
    except Exception as error:  # a description from a file can break zarr in any way
        raise DatasetError(
            f"{spec.path} cannot be opened ({type(error).__name__}: {error})",
            where=where,
            hint="Its description is damaged, or it needs a codec that is not installed",
        ) from error


def _register(spec: ArraySpec, codecs: list[str], where: Path) -> None:
    """Make the codecs of imagecodecs known to zarr, only when an array names them."""
    try:
        module = importlib.import_module("imagecodecs.numcodecs")
    except ImportError as error:
        kind = codecs[0].removeprefix(_UMI_CODECS)
        raise DatasetError(f"{spec.path} is stored as {kind}", where=where, hint=f"Install {_UMI_HINT}") from error
    module.register_codecs(codecs, verbose=False)


def _walk(files: ZarrFiles, folder: str, depth: int) -> Iterator[ArraySpec]:
    names = sorted(files.names(folder))
    if ".zarray" in names or "zarr.json" in names:
        spec = _spec(folder, _json(files, _join(folder, ".zarray")) or _json(files, _join(folder, "zarr.json")), files)
        if spec is not None:
            yield spec
            return
    if depth < _MAX_DEPTH:
        for name in names:
            if not name.startswith(".") and name != "zarr.json":
                yield from _walk(files, _join(folder, name), depth + 1)


def _consolidated(files: ZarrFiles) -> dict[str, ArraySpec]:
    v2 = (_json(files, ".zmetadata") or {}).get("metadata")
    v3 = (_json(files, "zarr.json") or {}).get("consolidated_metadata")
    entries = v3.get("metadata") if isinstance(v3, dict) else v2
    found = {}
    for key, description in (entries if isinstance(entries, dict) else {}).items():
        path = key.removesuffix("/.zarray") if key.endswith("/.zarray") else key
        if not path.endswith((".zgroup", ".zattrs")) and isinstance(description, dict):
            spec = _spec(path, description, files)
            if spec is not None:
                found[path] = spec
    return found


def _spec(path: str, description: Mapping[str, Any] | None, files: ZarrFiles) -> ArraySpec | None:
    if description is None or "shape" not in description:
        return None
    is_v2 = description.get("zarr_format") == 2
    attributes = _json(files, _join(path, ".zattrs")) if is_v2 else description.get("attributes")
    return ArraySpec(
        path,
        2 if is_v2 else 3,
        tuple(_codec_names(description)),
        attributes if isinstance(attributes, dict) else {},
    )


def _codec_names(description: Mapping[str, Any]) -> Iterator[str]:
    """Names of codecs, also of those within shards, without the "numcodecs." that v3 puts before those of v2."""
    steps = [description.get("compressor"), *_list(description.get("filters")), *_list(description.get("codecs"))]
    for step in steps:
        if isinstance(step, dict):
            name = step.get("id", step.get("name"))
            if isinstance(name, str):
                yield name.removeprefix("numcodecs.")
            inner = step.get("configuration")
            if isinstance(inner, dict):
                yield from _codec_names(inner)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _json(files: ZarrFiles, key: str) -> dict[str, Any] | None:
    content = files.read(key)
    if content is None:
        return None
    try:
        parsed = json.loads(content)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
