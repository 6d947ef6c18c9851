"""Measure playback with the real headless viewer, against the wall clock."""

import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from rich.console import Console

from failview.app.application import Application
from failview.app.open_request import OpenRequest
from failview.model.annotation import Stage
from failview.resources import demo_dataset_dir
from failview.session.desk.viewer_port import ViewerState
from failview.settings.user_settings import UserSettings

SPEEDS = (0.1, 0.5, 1.0, 2.0, 4.0)
PATIENCE_S = 60.0
_PAUSE_S = 0.001
_WARM_UP_S = 3.0
"""The neighbours of the episode are loaded meanwhile."""

_ANNOTATOR = "bench"


class Played(NamedTuple):
    """What was seen of an episode that played.

    Attributes:
        rate: Speed by the wall clock divided by the chosen speed; 1 is exact.
        asked: Frames that the viewer was asked for.
        confirmed: Frames that it confirmed before the next one was asked for.
        wanted: Frames in the part that was played.
        waits_ms: Time from asking to confirming, the median.
    """

    rate: float
    asked: int
    confirmed: int
    wanted: int
    waits_ms: float


@contextmanager
def running(dataset: Path) -> Iterator[Application]:
    """The application with a headless viewer."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qt = QApplication.instance() or QApplication(["bench"])
    request = OpenRequest(dataset, stage=Stage.DETAIL, headless=True, annotator=_ANNOTATOR)
    application = Application(request, UserSettings(_ANNOTATOR))
    application.start()
    try:
        run_until(lambda: _is_shown(application))
        yield application
    finally:
        application.close()
        qt.processEvents()


def run_until(reached: Callable[[], bool], watch: Callable[[], None] = lambda: None) -> None:
    """Run Qt until something is reached."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not reached():
        if time.monotonic() > deadline_s:
            raise SystemExit("the viewer did not get there in time")
        QCoreApplication.processEvents()
        watch()
        time.sleep(_PAUSE_S)


def play(application: Application, speed: float, most_s: float) -> Played:
    """Play an episode from its first frame, for at most so many seconds."""
    session, viewer = application.session, application.viewer
    transport = session.transport
    transport.pause()
    transport.set_speed(speed, session.now())
    transport.seek(0)
    run_until(lambda: viewer.shown_frame() == 0)
    asked_s: dict[int, float] = {}
    confirmed_s: dict[int, float] = {0: session.now()}

    def watch() -> None:
        if (shown := viewer.shown_frame()) is not None:
            confirmed_s.setdefault(shown, session.now())

    def note(frame: int) -> None:
        watch()
        asked_s.setdefault(frame, session.now())

    transport.frame_changed.connect(note)
    started_s = session.now()
    transport.play(started_s)
    run_until(lambda: not transport.playing or session.now() > started_s + most_s, watch)
    transport.pause()
    run_until(lambda: viewer.shown_frame() == transport.frame)
    watch()
    transport.frame_changed.disconnect(note)
    last = max(asked_s)
    played_s = transport.clock.time_s(last) or 0.0
    waits = [confirmed_s[frame] - asked_s[frame] for frame in asked_s if frame in confirmed_s]
    return Played(
        played_s / (asked_s[last] - started_s) / speed,
        len(asked_s),
        len(asked_s.keys() & confirmed_s.keys()),
        last,
        statistics.median(waits) * 1000,
    )


def playback(
    most_s: Annotated[float, typer.Option("--seconds", help="Longest time to play at one speed.")] = 15.0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Playback by the wall clock at several speeds, and whether every frame was shown."""
    with tempfile.TemporaryDirectory(prefix="failview-bench-") as folder:
        dataset = Path(shutil.copytree(demo_dataset_dir(), Path(folder) / "demo"))
        with running(dataset) as application:
            play(application, 1.0, _WARM_UP_S)
            found: dict[float, Played] = {speed: play(application, speed, most_s) for speed in SPEEDS}
    if as_json:
        document: dict[str, Any] = {f"{speed:g}": played._asdict() for speed, played in found.items()}
        typer.echo(json.dumps(document))
        return
    console = Console(highlight=False)
    console.print("playback of a demo episode with the headless viewer")
    for speed, played in found.items():
        shown = f"{played.confirmed} of {played.wanted} frames confirmed"
        console.print(
            f"  {speed:>4g}x  {played.rate:.4f} of the chosen speed, {played.asked} frames asked, {shown}, "
            f"{played.waits_ms:.0f} ms from asking to confirming",
            soft_wrap=True,
        )


def _is_shown(application: Application) -> bool:
    opened, status = application.session.open_episode, application.session.link.status
    return opened is not None and status.state is ViewerState.READY and status.loaded_fraction == 1.0
