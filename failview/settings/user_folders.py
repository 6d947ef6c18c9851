"""Folders of the user's own that failview keeps things in."""

from pathlib import Path

import platformdirs


def remote_datasets() -> Path:
    """What belongs beside datasets that lie on other machines: their annotations and profiles.

    The path below it is that of the dataset: scheme, host or bucket, and path there.
    """
    return platformdirs.user_data_path("failview") / "remote"
