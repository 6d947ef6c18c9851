"""What the viewer has been asked to do and has not done yet. Newer wishes replace older ones of the same kind."""

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from failview.model.annotation import Annotation, Stage
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode


@dataclass(frozen=True)
class EpisodeOrder:
    """An episode to show or to load ahead."""

    episode: Episode
    annotation: Annotation
    frame: int = 0
    findings: EpisodeFindings | None = None


@dataclass(frozen=True)
class Look:
    """What every episode is shown with.

    Attributes:
        stage: The stage whose layout is used.
        readings: Whether force, torque and aperture stand in the pictures.
    """

    stage: Stage = Stage.DETAIL
    readings: bool = True


@dataclass
class Orders:
    """Everything asked for since the last time.

    Attributes:
        generation: Grows with every show and seek; tells whether an answer is out of date.
        start: Start the viewer.
        close: End it.
        show: Episode to show.
        seek: Frame to go to, in the episode asked for last.
        playing: Whether the panel plays.
        look: What every episode shall be shown with.
        mark: Marks of the episode asked for last.
        preloads: Episodes to load ahead.
        findings: What was found in episodes asked for before.
        screenshots: Files to write.
    """

    generation: int = 0
    start: bool = False
    close: bool = False
    show: EpisodeOrder | None = None
    seek: int | None = None
    playing: bool = False
    look: Look = Look()
    mark: Annotation | None = None
    preloads: list[EpisodeOrder] = field(default_factory=list)
    findings: list[tuple[Episode, EpisodeFindings]] = field(default_factory=list)
    screenshots: list[Path] = field(default_factory=list)


class Inbox:
    """Hands orders from the session's thread to the control thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._orders = Orders()
        self._awake = False

    @property
    def generation(self) -> int:
        """Number of the latest show or seek."""
        with self._changed:
            return self._orders.generation

    @property
    def playing(self) -> bool:
        """Whether the panel plays."""
        with self._changed:
            return self._orders.playing

    @property
    def closing(self) -> bool:
        """Whether the viewer shall end."""
        with self._changed:
            return self._orders.close

    def start(self) -> None:
        """Ask for the viewer."""
        with self._changed:
            self._orders.start = True
            self._wake()

    def show(self, order: EpisodeOrder) -> None:
        """Ask for an episode; seeks and marks before it were meant for another one."""
        with self._changed:
            self._orders.show, self._orders.seek, self._orders.mark = order, None, None
            self._orders.generation += 1
            self._wake()

    def preload(self, order: EpisodeOrder) -> None:
        """Ask to load an episode ahead."""
        with self._changed:
            self._orders.preloads.append(order)
            self._wake()

    def seek(self, frame: int) -> None:
        """Ask for a frame."""
        with self._changed:
            self._orders.seek = frame
            self._orders.generation += 1
            self._wake()

    def set_playing(self, playing: bool) -> None:
        """Tell whether the panel plays; nothing has to be done about it now."""
        with self._changed:
            self._orders.playing = playing

    def set_stage(self, stage: Stage) -> None:
        """Ask for the layout of a stage."""
        with self._changed:
            self._orders.look = replace(self._orders.look, stage=stage)
            self._wake()

    def show_readings(self, shown: bool) -> None:
        """Ask for the readings to be seen or not."""
        with self._changed:
            self._orders.look = replace(self._orders.look, readings=shown)
            self._wake()

    def mark(self, annotation: Annotation) -> None:
        """Ask for marks."""
        with self._changed:
            self._orders.mark = annotation
            self._wake()

    def show_findings(self, episode: Episode, findings: EpisodeFindings) -> None:
        """Ask to show what was found in an episode."""
        with self._changed:
            self._orders.findings.append((episode, findings))
            self._wake()

    def screenshot(self, path: Path) -> None:
        """Ask for a picture of the viewer."""
        with self._changed:
            self._orders.screenshots.append(path)
            self._wake()

    def close(self) -> None:
        """Ask for the end."""
        with self._changed:
            self._orders.close = True
            self._wake()

    def wake(self) -> None:
        """Let the control thread look around now."""
        with self._changed:
            self._wake()

    def take(self, timeout_s: float | None) -> Orders:
        """What was asked for, as soon as there is something, or nothing after timeout_s (None: wait)."""
        with self._changed:
            if not self._awake:
                self._changed.wait(timeout_s)
            self._awake = False
            orders = self._orders
            self._orders = Orders(
                generation=orders.generation, playing=orders.playing, look=orders.look, close=orders.close
            )
            return orders

    def _wake(self) -> None:
        self._awake = True
        self._changed.notify()
