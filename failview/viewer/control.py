"""The control thread: carries out orders, follows the viewer, and brings a dead one back where it was."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from failview.errors import ViewerError
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.viewer.connection import Connection
from failview.viewer.inbox import EpisodeOrder, Inbox, Look, Orders
from failview.viewer.loading import LoadingThread
from failview.viewer.native_client import ViewerLostError
from failview.viewer.screen import Screen
from failview.viewer.shelf import DEFAULT_BUDGET_BYTES, Layouts, Shelf, key_of

POLL_S = 1 / 15
"""How often the viewer is asked where its cursor is; it tells nobody by itself."""

PLACING_POLL_S = 0.005
QUICK_DEATH_S = 10.0
MAX_QUICK_DEATHS = 3

MAX_AHEAD = 5
"""Episodes to load ahead that are kept in mind while there is no viewer."""


class Listener(Protocol):
    """Who hears what the viewer does. Called on the control thread."""

    def moved(self, episode_id: str, frame: int, generation: int) -> None:
        """A person moved the cursor; with the generation of the last order known then."""

    def status(self, status: ViewerStatus) -> None:
        """The state changed."""

    def saved(self, path: Path, error: str) -> None:
        """A screenshot was written, or not."""


class ControlThread:
    """Owns the viewer and everything that talks to it.

    Attributes:
        shown: (episode id, frame) that the viewer confirmed last; None before the first.
        pid: Process id of the viewer; None while there is none.
    """

    def __init__(
        self,
        inbox: Inbox,
        listener: Listener,
        start_viewer: Callable[[], Connection],
        layouts: Layouts,
        budget_bytes: float = DEFAULT_BUDGET_BYTES,
    ) -> None:
        """start_viewer makes a viewer that answers; it may raise ViewerError."""
        self._inbox = inbox
        self._listener = listener
        self._start_viewer = start_viewer
        self._layouts = layouts
        self._budget_bytes = budget_bytes
        self._look = Look()
        self._connection: Connection | None = None
        self._screen: Screen | None = None
        self._loading = LoadingThread(inbox.wake)
        self._wanted: EpisodeOrder | None = None
        self._ahead: list[EpisodeOrder] = []
        self._screenshots: list[Path] = []
        self._generation = 0
        self._quick_deaths = 0
        self._last_look_s = 0.0
        self._last_status: ViewerStatus | None = None
        self._message = ""
        self.shown: tuple[str, int] | None = None
        self.pid: int | None = None
        self._thread = threading.Thread(target=self._run, name="failview-viewer-control", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def _run(self) -> None:
        while not self._inbox.closing:
            orders = self._inbox.take(self._patience_s())
            try:
                self._turn(orders)
            except Exception as error:  # noqa: BLE001 — the panel must hear of it, and can start the viewer again
                self._abandon()
                self._give_up(f"The viewer failed: {error}")
        self._abandon()
        self._loading.close()

    def _abandon(self) -> None:
        """End the viewer, in whatever state it is."""
        if self._screen is not None:
            self._screen.give_up(lost=self._connection is None or not self._connection.is_alive)
        if self._connection is not None:
            self._connection.close()
        self._connection, self._screen, self.pid, self.shown = None, None, None, None

    def _patience_s(self) -> float | None:
        if self._screen is None:
            return None
        waiting = self._screen.current is not None and not self._screen.is_placed
        return PLACING_POLL_S if waiting else POLL_S

    def _turn(self, orders: Orders) -> None:
        self._remember(orders)
        if self._connection is None or self._screen is None:
            if orders.start:
                self._quick_deaths = 0
                self._start(ViewerState.STARTING)
            elif self._last_status is not None and self._last_status.state is ViewerState.GONE:
                self._refuse_screenshots(self._last_status.message)
            return
        try:
            if not self._connection.is_alive:
                raise ViewerLostError  # noqa: TRY301 — a dead viewer is handled like one that does not answer
            self._carry_out(self._screen, orders)
            self._follow(self._screen)
            self._take_screenshots(self._screen)
        except ViewerLostError:
            self._recover(self._connection, self._screen, orders.preloads)
        else:
            self._tell(self._screen)

    def _remember(self, orders: Orders) -> None:
        """Keep what is wanted, so that a new viewer can be brought to the same state."""
        self._generation = orders.generation
        self._look = orders.look
        self._screenshots += orders.screenshots
        if orders.show is not None:
            if self._wanted is None or orders.show.episode is not self._wanted.episode:
                self._ahead.clear()
            self._wanted = orders.show
            self._message = ""
        if self._wanted is not None and orders.seek is not None:
            self._wanted = replace(self._wanted, frame=orders.seek)
        if self._wanted is not None and orders.mark is not None:
            self._wanted = replace(self._wanted, annotation=orders.mark)
        for episode, findings in orders.findings:
            if self._wanted is not None and key_of(episode) == key_of(self._wanted.episode):
                self._wanted = replace(self._wanted, findings=findings)
        if self._screen is None:
            found = {key_of(episode): findings for episode, findings in orders.findings}
            ahead = [*self._ahead, *orders.preloads][-MAX_AHEAD:]
            self._ahead = [replace(one, findings=found.get(key_of(one.episode), one.findings)) for one in ahead]

    def _carry_out(self, screen: Screen, orders: Orders) -> None:
        screen.set_look(orders.look)
        if orders.show is not None:
            assert self._wanted is not None
            screen.show(self._wanted)
            self._note_shown(screen)
        else:
            if orders.seek is not None:
                self._heed(screen, screen.seek(orders.seek, look_first=orders.playing))
                self._note_shown(screen)
                if orders.playing:
                    self._last_look_s = time.monotonic()
            if orders.mark is not None:
                screen.mark(orders.mark)
        for order in orders.preloads:
            screen.preload(order)
        for episode, findings in orders.findings:
            screen.show_findings(episode, findings)

    def _follow(self, screen: Screen) -> None:
        now_s = time.monotonic()
        placing = screen.current is not None and not screen.is_placed
        if placing or now_s >= self._last_look_s + POLL_S:
            self._last_look_s = now_s
            self._heed(screen, screen.look())
        self._note_shown(screen)

    def _note_shown(self, screen: Screen) -> None:
        log = screen.current
        self.shown = (log.episode.episode_id, screen.frame) if log is not None and screen.is_placed else None

    def _heed(self, screen: Screen, moved_to: int | None) -> None:
        """Tell that a person moved the cursor."""
        if moved_to is None or screen.current is None or self._wanted is None:
            return
        self._wanted = replace(self._wanted, frame=moved_to)
        self.shown = (screen.current.episode.episode_id, moved_to)
        self._listener.moved(screen.current.episode.episode_id, moved_to, self._generation)

    def _start(self, state: ViewerState) -> None:
        """Start a viewer and bring it to the wanted state."""
        self._say(ViewerStatus(state, message=self._message))
        try:
            self._connection = self._start_viewer()
        except ViewerError as error:
            self._give_up(str(error))
            return
        self.pid = self._connection.pid
        self._screen = Screen(self._connection, self._loading, self._shelf(self._connection))
        ahead, self._ahead = self._ahead, []
        try:
            if self._wanted is not None:
                self._screen.show(self._wanted)
            for order in ahead:
                self._screen.preload(order)
        except ViewerLostError:
            self._recover(self._connection, self._screen, ahead)
        else:
            self._tell(self._screen)

    def _shelf(self, connection: Connection) -> Shelf:
        return Shelf(connection, self._loading, self._layouts, self._look, self._budget_bytes)

    def _recover(self, connection: Connection, screen: Screen, asked: Sequence[EpisodeOrder]) -> None:
        """The viewer is lost: start another one, unless it keeps dying. What was asked for just now counts."""
        quick = time.monotonic() - connection.started_s < QUICK_DEATH_S
        self._quick_deaths = self._quick_deaths + 1 if quick else 1
        reason = str(connection.why_dead())
        shown = None if self._wanted is None else self._wanted.episode
        kept = {key_of(order.episode): order for order in asked} | {
            key_of(order.episode): order for order in screen.give_up(lost=True)
        }
        self._ahead = [order for order in kept.values() if order.episode is not shown][:MAX_AHEAD]
        connection.close()
        self._connection, self._screen, self.pid, self.shown = None, None, None, None
        if self._inbox.closing:
            return
        if self._quick_deaths >= MAX_QUICK_DEATHS:
            self._give_up(f"The viewer ended {MAX_QUICK_DEATHS} times in a row. {reason}")
            return
        self._message = "The viewer ended and was started again."
        self._start(ViewerState.RESTARTING)

    def _give_up(self, reason: str) -> None:
        self._say(ViewerStatus(ViewerState.GONE, message=reason))
        self._refuse_screenshots(reason)

    def _take_screenshots(self, screen: Screen) -> None:
        if not self._screenshots:
            return
        picture = screen.settled_picture()
        if picture is None:
            return
        paths, self._screenshots = self._screenshots, []
        for path in paths:
            try:
                path.write_bytes(picture)
            except OSError as error:
                self._listener.saved(path, f"the screenshot cannot be written ({error.strerror})")
            else:
                self._listener.saved(path, "")

    def _refuse_screenshots(self, reason: str) -> None:
        paths, self._screenshots = self._screenshots, []
        for path in paths:
            self._listener.saved(path, reason)

    def _tell(self, screen: Screen) -> None:
        """Tell the state when it has changed in a way that a person can see."""
        log = screen.current
        if log is None:
            self._say(ViewerStatus(ViewerState.READY, message=self._message))
            return
        loading = not (screen.is_placed and log.is_done)
        state = ViewerState.LOADING if loading else ViewerState.READY
        fraction = min(round(log.fraction * 20) / 20, 0.95) if loading else 1.0
        message = "\n".join(filter(None, [self._message, *log.problems]))
        self._say(ViewerStatus(state, log.episode.episode_id, fraction, message))

    def _say(self, status: ViewerStatus) -> None:
        if status != self._last_status:
            self._last_status = status
            self._listener.status(status)
