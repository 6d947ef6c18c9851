"""A sitting that ends by SIGKILL in the middle of a label; run as a program on a dataset."""

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QApplication

from failview.app.application import Application
from failview.app.open_request import OpenRequest
from failview.settings.user_settings import UserSettings
from tests.stories.person import PATIENCE_MS, Person

FRAME = 61
HALF_A_REASON = "The fingers closed two centimetres off"


class Waiting:
    """What Person needs of a test's qtbot."""

    def waitUntil(self, reached: object, timeout: int = PATIENCE_MS) -> None:  # noqa: N802 - qtbot's name
        """Let the application run until something is so."""
        clock = QElapsedTimer()
        clock.start()
        while not reached():
            QApplication.processEvents()
            if clock.elapsed() > timeout:
                raise TimeoutError


def main() -> None:
    """Label half of the second episode, and die."""
    qt = QApplication(["killed"])
    annotator = sys.argv[2]
    application = Application(
        OpenRequest(Path(sys.argv[1]), headless=True, annotator=annotator), UserSettings(annotator)
    )
    person = Person(application, Waiting())
    application.start()
    person.wait_until_judged()
    first = person.episode_id
    person.press("F")  # triage goes on by itself
    person.wait_until_left(first)
    person.press("F7")
    person.wait_until_judged()
    person.press("1", "2")
    person.go_to_frame(FRAME)
    person.press("O", "R")
    person.write(HALF_A_REASON)
    person.wait_until_saved()
    sys.stdout.write(f"{person.episode_id} {person.viewer_pid}\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    del qt


if __name__ == "__main__":
    main()
