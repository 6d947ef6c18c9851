"""The panel is killed in the middle of a label: the next start stands at the same episode, frame and field state."""

import os
import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from failview.app.application import Application
from failview.app.open_request import OpenRequest
from failview.model.annotation import Outcome, Stage
from failview.settings.user_settings import UserSettings
from tests.stories.conftest import ANNOTATOR
from tests.stories.killed_sitting import FRAME, HALF_A_REASON
from tests.stories.person import Person


def test_a_killed_sitting_goes_on_where_it_was(demo_copy: Path, qtbot: QtBot) -> None:
    command = [sys.executable, "-m", "tests.stories.killed_sitting", str(demo_copy), ANNOTATOR]
    ended = subprocess.run(
        command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == -9, ended.stderr
    episode_id, _viewer_pid = ended.stdout.split()

    application = Application(OpenRequest(demo_copy, headless=True, annotator=ANNOTATOR), UserSettings(ANNOTATOR))
    person = Person(application, qtbot)
    try:
        application.start()
        person.wait_until_judged()
        assert person.session.stage is Stage.DETAIL
        assert person.episode_id == episode_id
        assert person.session.transport.frame == FRAME
        person.wait_until_viewer_stands_at(FRAME)
        label = person.label
        assert (label.outcome, label.failure_subcategory) == (Outcome.FAILURE, "slip_during_lift")
        assert (label.failure_onset_frame, label.root_cause) == (FRAME, HALF_A_REASON)
        assert person.session.labelling.open_category is not None  # the digits go on with the subcategory
    finally:
        assert application.close()
