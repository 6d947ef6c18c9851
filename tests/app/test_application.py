"""Started or not, the application leaves nothing behind; and a defect is told in one line, not printed."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from failview.app import application
from failview.app.open_request import OpenRequest
from failview.cli import main
from failview.errors import FailviewError
from failview.settings.user_settings import UserSettings
from failview.sidecars.store import SidecarStore
from tests.loaders.write_robomimic import write_robomimic
from tests.sidecar_places import container_location


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write_robomimic(folder / "demos.hdf5")
    return folder / "demos.hdf5"


def nothing_is_left(dataset: Path, threads: set[threading.Thread]) -> bool:
    SidecarStore(container_location(dataset), "anna").close()
    return [path.name for path in dataset.parent.iterdir()] == [dataset.name] and set(threading.enumerate()) == threads


def test_pictures_that_have_no_place_are_refused_before_anything_is_made(
    dataset: Path, qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    threads = set(threading.enumerate())
    nowhere = dataset / "pictures"
    assert main.run(["open", str(dataset), "--annotator", "anna", "--screenshots", str(nowhere)]) == 2
    assert capsys.readouterr().err == f"failview: {nowhere}: cannot be made (Not a directory). Choose another folder\n"
    assert nothing_is_left(dataset, threads)


def test_a_panel_that_cannot_be_made_leaves_no_thread_and_no_lock(
    dataset: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise FailviewError("no panel today")

    threads = set(threading.enumerate())
    monkeypatch.setattr(application, "MainWindow", refuse)
    with pytest.raises(FailviewError, match="no panel today"):
        application.Application(OpenRequest(dataset, annotator="anna", headless=True), UserSettings("anna"))
    assert nothing_is_left(dataset, threads)


def test_a_start_that_fails_half_way_closes_everything(
    dataset: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise FailviewError("no start today")

    threads = set(threading.enumerate())
    hook = sys.excepthook
    monkeypatch.setattr(application.Application, "start", refuse)
    with pytest.raises(FailviewError, match="no start today"):
        application.run(OpenRequest(dataset, annotator="anna", headless=True))
    assert nothing_is_left(dataset, threads)
    assert sys.excepthook is hook


DEFECTS = """
import sys, threading
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from failview.app import application
from failview.cli import main

class Clumsy(application.Application):
    def start(self):
        self.window.show()
        self.notices = []
        self.session.notice.connect(self.notices.append)
        self.session.help_requested.connect(lambda: 1 / 0)
        self.timer = QTimer(self.window, interval=1)
        self.timer.timeout.connect(self.session.help_requested.emit)
        self.timer.timeout.connect(self.look)
        self.timer.start()
        QTimer.singleShot(0, self.start_thread)

    def start_thread(self):
        threading.Thread(target=lambda: [][3]).start()

    def look(self):
        if len(self.notices) == 2:
            self.timer.stop()
            print(self.window.defect.isVisible(), self.window.defect.words.text() == self.notices[-1])
            print(*sorted(self.notices), sep="\\n")
            self.notices.clear()
            QApplication.instance().quit()

application.Application = Clumsy
sys.exit(main.run(sys.argv[1:]))
"""


@pytest.mark.parametrize("debug", [False, True])
def test_a_defect_is_one_line_on_the_panel_and_a_traceback_in_the_log(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    words = ["open", str(dataset), "--annotator", "anna", "--headless", *(["--debug"] if debug else [])]
    ran = subprocess.run(
        [sys.executable, "-c", DEFECTS, *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    (log,) = (tmp_path / "state").rglob("*.log")
    assert ran.stdout.splitlines() == [
        "True True",
        f"Unexpected IndexError: list index out of range. The details are in {log}",
        f"Unexpected ZeroDivisionError: division by zero. The details are in {log}",
    ]
    assert log.read_text(encoding="utf-8").count("Traceback") >= 2
    assert log.read_text(encoding="utf-8").count("ZeroDivisionError: division by zero\n\nThe above") == 1
    assert ("Traceback" in ran.stderr) is debug
