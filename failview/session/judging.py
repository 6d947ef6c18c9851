"""What the detectors say about the open episode and its neighbours, found in the background."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from psygnal import Signal

from failview.errors import FailviewError
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.session.owner_thread import Post
from failview.session.viewer_port import ViewerPort

KEPT_JUDGEMENTS = 12
"""Judgements kept in memory; more than there are episodes in the viewer."""

GIVE_UP_S = 20.0
"""An episode that takes longer does not hold up the others: they are judged on another thread."""

_END_S = 2.0
"""How long the end waits for an episode under work."""


class FindingsSource(Protocol):
    """Where findings come from; `proposals.findings_store.FindingsStore` is one."""

    def judge_now(self, episode: Episode) -> EpisodeFindings:
        """Findings of an episode: known ones, else the detectors run now. Called on another thread; may fail."""


class JudgingState(StrEnum):
    """How far the detectors are with an episode."""

    OFF = "off"
    JUDGING = "judging"
    JUDGED = "judged"
    FAILED = "failed"


@dataclass(frozen=True, eq=False)
class Judgement:
    """What is known about one episode.

    Attributes:
        state: How far the detectors are.
        findings: What they found, once judged.
        reason: Why they failed.
    """

    state: JudgingState
    findings: EpisodeFindings | None = None
    reason: str = ""


OFF = Judgement(JudgingState.OFF)
_UNDER_WAY = Judgement(JudgingState.JUDGING)


class Judging:
    """Judges episodes on threads of its own: the one asked for last first. Nothing waits for it.

    Args:
        source: Where findings come from; None for a work without proposals.
        viewer: Shown what is found.
        post: Hands results to the session's thread.
        give_up_s: Patience with one episode before the others go on without it.

    Attributes:
        arrived: Emits the Episode whose judgement has just come, on the session's thread.
    """

    arrived = Signal(object)

    def __init__(
        self, source: FindingsSource | None, viewer: ViewerPort, post: Post, give_up_s: float = GIVE_UP_S
    ) -> None:
        self._source = source
        self._viewer = viewer
        self._post = post
        self._give_up_s = give_up_s
        self._judged: OrderedDict[str, tuple[Episode, Judgement]] = OrderedDict()
        self._changed = threading.Condition()
        self._waiting: list[Episode] = []
        self._closing = False
        self._worker: threading.Thread | None = None
        self._at_work: Episode | None = None

    def of(self, episode: Episode | None) -> Judgement:
        """What is known about an episode now."""
        if self._source is None or episode is None:
            return OFF
        known = self._judged.get(episode.episode_id)
        return known[1] if known is not None and _same(known[0], episode) else _UNDER_WAY

    def request(self, episode: Episode, *, urgent: bool) -> None:
        """Judge an episode: next when urgent, else when nothing else waits. What is known is shown again.

        What failed is tried again when it is urgent.
        """
        if self._source is None:
            return
        known = self.of(episode)
        if known.findings is not None:
            self._judged.move_to_end(episode.episode_id)
            self._viewer.show_findings(episode, known.findings)
            return
        if known.state is JudgingState.FAILED:
            if not urgent:
                return
            del self._judged[episode.episode_id]
        with self._changed:
            self._waiting = [item for item in self._waiting if item.episode_id != episode.episode_id]
            if self._at_work is not None and _same(self._at_work, episode):
                return
            self._waiting.insert(0 if urgent else len(self._waiting), episode)
            del self._waiting[KEPT_JUDGEMENTS:]
            if self._worker is None:
                self._start_worker()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop. An episode under work is waited for shortly; a detector that hangs does not hold up the end."""
        with self._changed:
            self._closing = True
            self._waiting.clear()
            worker, self._worker = self._worker, None
            self._changed.notify_all()
        if worker is not None:
            worker.join(_END_S)

    def _start_worker(self) -> None:
        self._worker = threading.Thread(target=self._run, name="failview-detectors", daemon=True)
        self._worker.start()

    def _run(self) -> None:
        while (episode := self._next()) is not None:
            watch = threading.Timer(self._give_up_s, self._go_on_without, [threading.current_thread(), episode])
            watch.daemon = True
            watch.start()
            judgement = self._judge(episode)
            watch.cancel()
            self._deliver(episode, judgement)

    def _next(self) -> Episode | None:
        """The most urgent episode; None when this thread is to end, because all does or another one took over."""
        with self._changed:
            while not self._closing and self._worker is threading.current_thread():
                self._at_work = self._waiting.pop(0) if self._waiting else None
                if self._at_work is not None:
                    return self._at_work
                self._changed.wait()
        return None

    def _go_on_without(self, worker: threading.Thread, episode: Episode) -> None:
        """Leave a thread to its episode; should it ever end, its judgement still counts."""
        with self._changed:
            if self._worker is not worker or self._at_work is not episode or self._closing:
                return
            self._at_work = None
            self._start_worker()
        self._deliver(
            episode, Judgement(JudgingState.FAILED, reason=f"the detectors took longer than {self._give_up_s:g} s")
        )

    def _judge(self, episode: Episode) -> Judgement:
        assert self._source is not None
        try:
            return Judgement(JudgingState.JUDGED, self._source.judge_now(episode))
        except Exception as error:  # noqa: BLE001 — labelling goes on without; the panel tells the reason
            words = str(error) if isinstance(error, FailviewError) else f"{type(error).__name__}: {error}"
            return Judgement(JudgingState.FAILED, reason=" ".join(words.split()))

    def _deliver(self, episode: Episode, judgement: Judgement) -> None:
        self._post(lambda: self._keep(episode, judgement))

    def _keep(self, episode: Episode, judgement: Judgement) -> None:
        if self._closing:
            return
        self._judged[episode.episode_id] = (episode, judgement)
        self._judged.move_to_end(episode.episode_id)
        while len(self._judged) > KEPT_JUDGEMENTS:
            self._judged.popitem(last=False)
        if judgement.findings is not None:
            self._viewer.show_findings(episode, judgement.findings)
        self.arrived.emit(episode)


def _same(one: Episode, other: Episode) -> bool:
    return one is other or (one.episode_id, one.source) == (other.episode_id, other.source)
