"""Folders of the user's own that failview keeps things in."""

import hashlib
import os
from pathlib import Path

import platformdirs


def remote_datasets() -> Path:
    """What belongs beside datasets that lie on other machines: their annotations and profiles.

    The path below it is that of the dataset: scheme, host or bucket, and path there.
    """
    return platformdirs.user_data_path("failview") / "remote"


def position_file(dataset: str | Path, annotator: str) -> Path:
    """Where an annotator's place in the work on a dataset is kept between sittings."""
    digest = hashlib.sha256(os.fsencode(f"{os.path.abspath(dataset)}\0{annotator}")).hexdigest()[:32]  # noqa: PTH100
    return platformdirs.user_state_path("failview") / "positions" / f"{digest}.json"
