"""The real recordings that lie beside the project, where they are there."""

from pathlib import Path

import pytest

_SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def real_data(name: str) -> Path:
    """A file or folder of ../shared/data; skips the test when it is not there."""
    path = _SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"real recording ../shared/data/{name} is not here")
    return path
