"""What all tests share: no screen, no touch of the user's own folders, and the long forms on demand."""

import os
import tempfile
from pathlib import Path

import hypothesis
import pytest

# Machines differ in speed, and no test is about time.
hypothesis.settings.register_profile("failview", deadline=None)
hypothesis.settings.load_profile("failview")

# Before Qt or platformdirs is imported: no window, and a home of the tests' own.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
_HOME = tempfile.TemporaryDirectory(prefix="failview-tests-")
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
    os.environ[_name] = str(Path(_HOME.name) / _name.lower())
os.environ.pop("DISPLAY", None)
os.environ.pop("WAYLAND_DISPLAY", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="run the long forms of tests")


def pytest_unconfigure() -> None:
    _HOME.cleanup()


@pytest.fixture
def nightly(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms are wanted."""
    return bool(request.config.getoption("--nightly"))
