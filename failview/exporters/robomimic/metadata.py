"""What stands in an exported file beside its demos: taxonomy, filter keys, and which demo is which episode."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import h5py
import numpy as np

from failview import __version__
from failview.exporters.robomimic.hdf5_values import put_scalar
from failview.model.taxonomy import Taxonomy

_METADATA = "metadata"
_TAXONOMY = "failure_taxonomy"
_FAILVIEW = "failview"


def written_before(file: h5py.File) -> dict[str, Any]:
    """What an earlier export noted in the file; empty when there was none."""
    item = file.get(f"{_METADATA}/{_FAILVIEW}/json")
    if not isinstance(item, h5py.Dataset):
        return {}
    try:
        plain = json.loads(item.asstr()[()])
    except (ValueError, TypeError):
        return {}
    return plain if isinstance(plain, dict) else {}


def write_metadata(
    file: h5py.File, taxonomy: Taxonomy, episodes: Mapping[str, str], keys: Mapping[str, Sequence[str]]
) -> list[str]:
    """Write `/metadata/failure_taxonomy/json`, `/metadata/failview/json` and `/mask/…`, in place of earlier ones.

    Args:
        file: Open for writing.
        taxonomy: The vocabulary of the labels.
        episodes: Episode id by demo.
        keys: Demos by filter key.

    Returns:
        Filter keys of somebody else that had the same names.
    """
    ours = written_before(file).get("filter_keys", [])
    mask = file.require_group("mask")
    for name in ours:
        if name in mask:
            del mask[name]
    replaced = [name for name in keys if name in mask]
    for name, demos in keys.items():
        if name in mask:
            del mask[name]
        mask.create_dataset(name, data=np.array([demo.encode() for demo in demos]))
    metadata = file.require_group(_METADATA)
    about = {"failview": __version__, "episodes": dict(episodes), "filter_keys": list(keys)}
    for name, plain in ((_TAXONOMY, asdict(taxonomy)), (_FAILVIEW, about)):
        if name in metadata:
            del metadata[name]
        put_scalar(metadata.create_group(name), "json", json.dumps(plain, ensure_ascii=False))
    metadata[_TAXONOMY].attrs.update({"id": taxonomy.id, "version": taxonomy.version})
    return replaced
