# ruff: noqa: SLF001 - what no port tells: when an episode has been loaded ahead, and where the viewer listens
"""The real application on a made dataset, off screen: how soon a key does what it does, and what memory it takes."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from rerun.experimental import ViewerClient

from failview.app.application import Application
from failview.app.open_request import OpenRequest
from failview.model.annotation import Stage
from failview.settings.user_settings import UserSettings
from failview.sidecars.location import SidecarLocation

HEARTBEAT_MS = 5
PATIENCE_S = 60.0
IDLE_S, SETTLE_S = 0.1, 0.05
CAMERAS = ("front", "wrist")
ANNOTATOR = "bench"
MB = 1e6


def write_episodes(folder: Path, episodes: int, frames: int, size: tuple[int, int]) -> None:
    """Episodes of two cameras (JPEG) and an arm, one HDF5 file each. They are one file under many names."""
    first = folder / "episode_0.hdf5"
    rng = np.random.default_rng(0)
    with h5py.File(first, "w") as file:
        for camera in CAMERAS:
            blobs = [_picture(frame, frames, size, rng) for frame in range(frames)]
            padded = np.zeros((frames, max(map(len, blobs))), np.uint8)
            for row, blob in zip(padded, blobs, strict=True):
                row[: len(blob)] = np.frombuffer(blob, np.uint8)
            file[f"observations/images/{camera}"] = padded
        ramp = np.linspace(0.0, 1.0, frames)[:, None]
        file["observations/qpos"] = np.sin(ramp * np.arange(1, 15))
        file["observations/qvel"] = np.cos(ramp * np.arange(1, 15))
        file["observations/effort"] = np.cos(ramp * np.arange(2, 16)) * 5
        file["action"] = np.sin(ramp * np.arange(1, 15) + 0.01)
    for number in range(1, episodes):
        (folder / f"episode_{number}.hdf5").hardlink_to(first)


def _picture(frame: int, frames: int, size: tuple[int, int], rng: np.random.Generator) -> bytes:
    width, height = size
    picture = np.repeat(np.linspace(60, 190, height, dtype=np.uint8)[:, None, None], width, axis=1).repeat(3, axis=2)
    picture = picture + rng.integers(0, 24, picture.shape, dtype=np.uint8)
    cv2.circle(picture, (int(width * frame / frames), height // 2), height // 8, (40, 200, 240), -1)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


class Bench:
    """One person at the keys of the real application, with a clock.

    Attributes:
        application: What is measured.
        beats_ms: Time between two beats of a timer on the GUI thread; HEARTBEAT_MS when nothing holds it up.
    """

    def __init__(self, application: Application) -> None:
        self.application = application
        self.session = application.session
        self.beats_ms: list[float] = []
        self._last_s = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(HEARTBEAT_MS)
        self._idle_share = 0.0

    def _beat(self) -> None:
        now_s = time.perf_counter()
        self.beats_ms.append((now_s - self._last_s) * 1000)
        self._last_s = now_s

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the application run until a condition holds."""
        deadline_s = time.monotonic() + PATIENCE_S
        loop, look = QEventLoop(), QTimer()
        look.setTimerType(Qt.TimerType.PreciseTimer)

        def check() -> None:
            if condition() or time.monotonic() > deadline_s:
                loop.quit()

        look.timeout.connect(check)
        look.start(1)
        loop.exec()
        look.stop()
        if not condition():
            raise SystemExit(f"waited {PATIENCE_S:.0f} s in vain; viewer: {self.session.link.status}")

    def press(self, key: str) -> None:
        """Press a key, written as in the key table."""
        combination = QKeySequence(key)[0]
        QTest.keyClick(self.application.window, combination.key(), combination.keyboardModifiers())

    def open_id(self) -> str:
        """Id of the open episode; empty while there is none."""
        opened = self.session.open_episode
        return "" if opened is None else opened.episode.episode_id

    def is_shown(self) -> bool:
        """Whether the viewer confirms the open episode."""
        return self.session.open_episode is not None and self.application.viewer.shown_frame() is not None

    def is_loaded(self) -> bool:
        """Whether all of the open episode and the next one are in the viewer."""
        screen = self.application.viewer._control._screen
        entry = self.session.queue.neighbour(1)
        if screen is None or screen.current is None or not screen.current.is_done:
            return False
        logs = list(screen._shelf._logs.values())
        ahead = [log for log in logs if entry is None or log.episode.episode_id == entry.episode_id]
        return bool(ahead) and all(log.is_done and log.location for log in ahead)

    def switch_ms(self, key: str = "N") -> float:
        """From a key to the confirmation of the viewer that it shows the other episode."""
        before = self.open_id()
        started_s = time.perf_counter()
        self.press(key)
        self.wait(lambda: self.open_id() not in ("", before) and self.is_shown())
        return (time.perf_counter() - started_s) * 1000

    def mark_ms(self) -> float:
        """From a key to the mark being on disk, by the modification time of the sidecar."""
        path = self.sidecar()
        before = path.stat().st_mtime_ns if path.exists() else 0
        self.press("Right")
        started_s = time.perf_counter()
        self.press("O")
        self.wait(lambda: path.exists() and path.stat().st_mtime_ns != before)
        return (time.perf_counter() - started_s) * 1000

    def sidecar(self) -> Path:
        """Where the label of the open episode is kept."""
        dataset = self.session.workplace.dataset
        places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
        return SidecarLocation(dataset.path, places).path(self.open_id(), ANNOTATOR)

    def rest(self, seconds: float) -> None:
        """Let the application run for a while."""
        until_s = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until_s)

    def look_idle(self) -> None:
        """Learn what share of a processor this thread takes when nothing happens: this clock, and looking at it."""
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        self.rest(IDLE_S)
        self._idle_share = (time.thread_time() - cpu_s) / (time.perf_counter() - wall_s)

    @contextmanager
    def gui_cpu_ms(self, found: list[float]) -> Iterator[None]:
        """Add what the block, and what it leaves to be painted, takes of the GUI thread, in ms of processor time."""
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        yield
        self.rest(SETTLE_S)
        idle_s = self._idle_share * (time.perf_counter() - wall_s)
        found.append(max(0.0, time.thread_time() - cpu_s - idle_s) * 1000)

    def round_trip_ms(self) -> float:
        """What the viewer alone takes to be told a frame and the recording on its screen, and to answer."""
        connection = self.application.viewer._control._connection
        assert connection is not None
        client = ViewerClient.connect(connection.url)
        shown: list[Any] = []
        while not shown:
            state = client.get_state()
            shown = [
                item
                for item in state.recordings
                if item.store_id == state.active_recording and item.current_time is not None
            ]
        (active,) = shown
        started_s = time.perf_counter()
        client.set_time("frame", sequence=active.current_time, play_state="paused", recording=active.store_id)
        client.set_location(active.location)
        return (time.perf_counter() - started_s) * 1000

    def memory_mb(self) -> tuple[float, float]:
        """Resident memory of the panel and of the viewer, in MB."""
        pid = self.application.viewer.pid
        assert pid is not None
        return psutil.Process().memory_info().rss / MB, psutil.Process(pid).memory_info().rss / MB

    def close(self) -> None:
        """Stop the clock."""
        self._timer.stop()


@contextmanager
def bench(episodes: int, frames: int, size: tuple[int, int]) -> Iterator[Bench]:
    """The application, open on a dataset of its own."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qt = QApplication.instance() or QApplication(["failview-bench"])
    with tempfile.TemporaryDirectory(prefix="failview-bench-") as folder:
        write_episodes(Path(folder), episodes, frames, size)
        request = OpenRequest(Path(folder), headless=True, annotator=ANNOTATOR, stage=Stage.DETAIL)
        application = Application(request, UserSettings(ANNOTATOR))
        try:
            found = Bench(application)
            application.start()
            found.wait(found.is_loaded)
            yield found
            found.close()
        finally:
            application.close()
    del qt


def measure(switches: int, frames: int, size: tuple[int, int]) -> dict[str, Any]:
    """Go through episodes, each one once it has been loaded ahead, then set marks.

    Returns:
        Times in ms (median, p95, most), processor time of the GUI thread among them; and
        resident memory in MB at a sixth, a third, two thirds and the end.
    """
    told_at = {round(switches * share): f"{share:.0%}" for share in (1 / 6, 1 / 3, 2 / 3, 1)}
    switch, beyond, stall, beats, memory = [], [], [], [], {}
    switch_cpu, mark_cpu = [], []
    with bench(switches + 3, frames, size) as person:
        for number in range(1, switches + 1):
            round_trip_ms = person.round_trip_ms()
            person.look_idle()
            person.beats_ms.clear()
            with person.gui_cpu_ms(switch_cpu):
                switch.append(person.switch_ms())
            beyond.append(max(0.0, switch[-1] - round_trip_ms))
            stall.append(max(person.beats_ms))
            person.beats_ms.clear()
            person.wait(person.is_loaded)
            beats += person.beats_ms
            if number in told_at:
                panel_mb, viewer_mb = person.memory_mb()
                memory[number] = {"panel_mb": round(panel_mb), "viewer_mb": round(viewer_mb)}
        marks = []
        for _ in range(30):
            person.look_idle()
            with person.gui_cpu_ms(mark_cpu):
                marks.append(person.mark_ms())
    return {
        "switches": switches,
        "frames": frames,
        "key_to_next_episode_ms": summary(switch),
        "beyond_the_viewers_round_trip_ms": summary(beyond),
        "longest_stall_at_a_switch_ms": summary(stall),
        "gui_thread_cpu_of_a_switch_ms": summary(switch_cpu),
        "gui_beat_while_loading_ms": summary(beats or stall),
        "key_to_mark_on_disk_ms": summary(marks),
        "gui_thread_cpu_of_a_mark_ms": summary(mark_cpu),
        "memory_after_switches": memory,
    }


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and largest."""
    found = {"median": statistics.median(values), "p95": float(np.percentile(values, 95)), "most": max(values)}
    return {name: round(value, 1) for name, value in found.items()}
