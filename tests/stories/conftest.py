"""The whole application, driven by keys, with the real headless viewer."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from failview.app.application import Application
from failview.app.open_request import OpenRequest
from failview.model.annotation import Stage
from failview.resources import demo_dataset_dir
from failview.settings.user_settings import UserSettings
from tests.stories.person import Person

ANNOTATOR = "maria"


@pytest.fixture
def demo_copy(tmp_path: Path) -> Path:
    """The demo dataset in a folder of the test's own."""
    return Path(shutil.copytree(demo_dataset_dir(), tmp_path / "pick_place"))


@pytest.fixture
def person(demo_copy: Path, qtbot: QtBot) -> Iterator[Person]:
    """Somebody at the keyboard, with the demo dataset open."""
    request = OpenRequest(demo_copy, stage=Stage.DETAIL, headless=True, annotator=ANNOTATOR)
    application = Application(request, UserSettings(ANNOTATOR))
    sitting = Person(application, qtbot)
    application.start()
    sitting.wait_until_open()
    yield sitting
    assert application.close()
