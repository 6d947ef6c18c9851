"""Make the pictures of the panel in docs/pictures/panel, and the one of panel and viewer side by side.

    python scripts/make_pictures.py [--out docs/pictures] [--only NAME]

Works on a copy of the demo dataset with the real application, offscreen: the real detectors, the real sidecars, and
the real viewer without a window. Each stage is shown dark and light, narrow and wide, and with large text; every
other state in three of these.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from failview.app.application import Application
from failview.app.open_request import OpenRequest
from failview.model.annotation import Outcome, Stage
from failview.resources import demo_dataset_dir
from failview.session.actions import action
from failview.session.desk.judging import JudgingState
from failview.session.desk.safe import SaveState
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.session.work.queue_filter import QueueFilter, Show
from failview.settings.user_settings import UserSettings

PATIENCE_S = 120.0
HEIGHT_PX = 900
TOGETHER_PX = (440, 1000)
"""Size of the panel beside the viewer."""

WHY = "The grip sank below what the can weighs, so it slid out of the fingers while it was lifted."


class Look(NamedTuple):
    """How the panel is shown."""

    theme: str
    width_px: int
    font_scale: float

    @property
    def name(self) -> str:
        """Part of the name of a picture."""
        return f"{self.theme}_{self.width_px}" + ("" if self.font_scale == 1 else f"_{self.font_scale:.0%}"[:-1])


ALL_LOOKS = tuple(
    Look(theme, width, scale) for theme in ("dark", "light") for width, scale in ((360, 1.0), (480, 1.0), (360, 1.5))
)
SOME_LOOKS = (ALL_LOOKS[1], ALL_LOOKS[3], ALL_LOOKS[2])


class Sitting:
    """The application with somebody who labels the demo dataset.

    Args:
        folder: Where a copy of the demo dataset may be made.
    """

    def __init__(self, folder: Path) -> None:
        self.dataset = Path(shutil.copytree(demo_dataset_dir(), folder / "pick_place"))
        self.application = Application(
            OpenRequest(self.dataset, headless=True, annotator="maria", stage=Stage.DETAIL), UserSettings("maria")
        )
        self.session = self.application.session
        self.window = self.application.window
        self.application.start()
        self.until_open()

    def until(self, reached: Callable[[], bool]) -> None:
        """Let the application work until something is so."""
        end_s = time.monotonic() + PATIENCE_S
        while not reached():
            if time.monotonic() > end_s:
                raise SystemExit("the application did not get there in time")
            QApplication.processEvents()
            time.sleep(0.005)

    def until_open(self) -> None:
        """Wait until an episode is open, judged and shown."""

        def there() -> bool:
            opened, status = self.session.open_episode, self.session.link.status
            if opened is None or status.state is not ViewerState.READY:
                return False
            return self.session.judging.of(opened.episode).state is not JudgingState.JUDGING

        self.until(there)

    def do(self, *actions: str) -> None:
        """Do actions as their keys do them."""
        for action_id in actions:
            self.window.bindings.run(action(action_id))
            QApplication.processEvents()

    def stage(self, stage: Stage) -> None:
        """Go on with a stage."""
        if self.session.stage is not stage:
            self.session.change_stage(stage)
        if self.session.queue.place.total:
            self.until_open()

    @property
    def at_an_end(self) -> bool:
        """Whether every episode of the stage is done."""
        place = self.session.queue.place
        return place.done == place.total

    def open_failure(self) -> None:
        """Open the first episode for which a failure is known to be proposed."""
        self.until(lambda: bool(self.failing))
        self.session.go_to(self.failing[0])
        self.until_open()

    @property
    def failing(self) -> list[str]:
        """Ids of the episodes for which a failure is proposed to be seen, as far as they are judged."""
        known = self.session.board.known.items()
        judged = [(key, item.proposal) for key, item in known if item.proposal is not None and not item.blind]
        return [key for key, proposal in judged if proposal.outcome is Outcome.FAILURE]

    def label(self) -> None:
        """Accept the proposal of the open episode, and say why."""
        self.do("accept")
        self.session.labelling.set_text("root_cause", WHY)
        self.session.labelling.nudge_confidence(1)
        self.do("next_mark", "next_mark")

    def picture(self, look: Look, height_px: int = HEIGHT_PX) -> QImage:
        """The panel as it looks so."""
        self.session.appearance.choose(theme=look.theme, font_scale=look.font_scale)
        self.window.resize(look.width_px, height_px)
        self.window.footer.clear_notice()
        for _ in range(20):
            QApplication.processEvents()
        return self.window.grab().toImage()


def triage(sitting: Sitting) -> None:
    """The first episode of the triage, paused."""
    sitting.stage(Stage.TRIAGE)
    sitting.session.transport.pause()


def detail(sitting: Sitting) -> None:
    """A failure as it is proposed."""
    sitting.stage(Stage.DETAIL)
    sitting.open_failure()


def labelled(sitting: Sitting) -> None:
    """The same with a whole label."""
    detail(sitting)
    sitting.label()


def review(sitting: Sitting) -> None:
    """A label that the detectors contradict, in the review."""
    sitting.stage(Stage.TRIAGE)
    sitting.open_failure()
    sitting.do("success", "success")  # what the signals contradict is said twice
    sitting.until_open()
    sitting.stage(Stage.REVIEW)


def nothing_due(sitting: Sitting) -> None:
    """A queue that is narrowed to nothing."""
    sitting.stage(Stage.TRIAGE)
    sitting.session.narrow(QueueFilter(Show.DUE, "no such episode"))


def problems(sitting: Sitting) -> None:
    """A stage that cannot be finished yet."""
    detail(sitting)
    sitting.do("failure", "digit_1", "finish_stage")


def not_opened(sitting: Sitting) -> None:
    """An episode whose file is gone."""
    detail(sitting)
    for file in sitting.dataset.glob("data/**/*.parquet"):
        file.unlink()
    sitting.session.go_to(sitting.session.queue.entries[-1].episode_id)
    sitting.until(sitting.window.opening.isVisible)


def not_saved(sitting: Sitting) -> None:
    """A disk that is full."""
    labelled(sitting)
    sitting.session.safe.state = (SaveState.FAILED, "maria.failview.json: no space left on the disk")
    sitting.session.safe.state_changed.emit(*sitting.session.safe.state)


def without_viewer(sitting: Sitting) -> None:
    """A viewer that is gone for good."""
    detail(sitting)
    status = ViewerStatus(ViewerState.GONE, message="It ended three times within a minute.")
    sitting.session.link.status_changed.emit(status)


def rest(sitting: Sitting) -> None:
    """After an hour of work."""
    detail(sitting)
    for second in range(0, 61 * 60, 30):
        sitting.session.sitting.note(float(second))
    sitting.window.rest.look()


def finished(sitting: Sitting) -> None:
    """Every episode is triaged: proposals are accepted, and what has none is a success."""
    sitting.stage(Stage.TRIAGE)
    while not sitting.at_an_end:
        opened, done = sitting.session.open_episode, sitting.session.queue.place.done
        sitting.do("accept")
        if sitting.session.queue.place.done == done:
            sitting.do("success")
        sitting.until(lambda before=opened: sitting.session.open_episode is not before or sitting.at_an_end)
        sitting.until_open()
    sitting.session.transport.pause()


def palette(sitting: Sitting) -> None:
    """The list of actions."""
    detail(sitting)
    sitting.do("palette")


def keys(sitting: Sitting) -> None:
    """All keys."""
    detail(sitting)
    sitting.do("help")


STATES: dict[str, tuple[Callable[[Sitting], None], tuple[Look, ...]]] = {
    "triage": (triage, ALL_LOOKS),
    "detail_proposed": (detail, ALL_LOOKS),
    "detail_labelled": (labelled, ALL_LOOKS),
    "review": (review, ALL_LOOKS),
    "problems": (problems, SOME_LOOKS),
    "not_opened": (not_opened, SOME_LOOKS),
    "not_saved": (not_saved, SOME_LOOKS),
    "without_viewer": (without_viewer, SOME_LOOKS),
    "rest": (rest, SOME_LOOKS),
    "nothing_due": (nothing_due, SOME_LOOKS),
    "finished": (finished, SOME_LOOKS),
    "palette": (palette, SOME_LOOKS),
    "keys": (keys, SOME_LOOKS),
}


def save(picture: QImage, path: Path, *, few_colours: bool = True) -> None:
    """Write a picture; the most frequent colours are nearly all of a panel's, and make it small."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint32)
    colours, counts = np.unique(pixels, return_counts=True)
    table = [int(colour) for colour in colours[np.argsort(-counts)][:256]]
    if few_colours:
        plain = plain.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)
    if not plain.save(str(path), "PNG", 0):
        raise SystemExit(f"{path} cannot be written")


def side_by_side(sitting: Sitting, folder: Path) -> QImage:
    """Panel and viewer as they stand beside each other on a screen."""
    labelled(sitting)
    saved: list[str] = []
    sitting.session.viewer.screenshot_saved.connect(lambda _path, error: saved.append(error))
    sitting.session.viewer.save_screenshot(folder / "viewer.png")
    sitting.until(lambda: bool(saved))
    if saved[0]:
        raise SystemExit(saved[0])
    viewer = QImage(str(folder / "viewer.png"))
    panel = sitting.picture(Look("dark", TOGETHER_PX[0], 1.0), viewer.height())
    both = QImage(panel.width() + viewer.width(), viewer.height(), QImage.Format.Format_RGB32)
    both.fill(Qt.GlobalColor.black)
    painter = QPainter(both)
    painter.drawImage(0, 0, panel)
    painter.drawImage(panel.width(), 0, viewer)
    painter.end()
    return both


def main(
    out: Annotated[Path, typer.Option(help="Folder of the pictures.")] = Path("docs/pictures"),
    only: Annotated[str, typer.Option(help="Only this state, or panel_and_viewer.")] = "",
) -> None:
    """Make all pictures, each state in a sitting of its own."""
    qt = QApplication.instance() or QApplication(["failview"])
    for name in [*STATES, "panel_and_viewer"]:
        if only not in ("", name):
            continue
        with tempfile.TemporaryDirectory(prefix="failview-pictures-") as folder:
            sitting = Sitting(Path(folder))
            try:
                if name in STATES:
                    prepare, looks = STATES[name]
                    prepare(sitting)
                    for look in looks:
                        save(sitting.picture(look), out / "panel" / f"{name}_{look.name}.png")
                else:
                    save(side_by_side(sitting, Path(folder)), out / "panel_and_viewer.png", few_colours=False)
            finally:
                sitting.session.safe.state = (SaveState.SAVED, "")
                sitting.application.close()
        typer.echo(name)
    qt.processEvents()


if __name__ == "__main__":
    typer.run(main)
