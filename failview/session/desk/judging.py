"""What the detectors say about the open episode and its neighbours, found in the background."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from psygnal import Signal

from failview.errors import FailviewError
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.session.desk.owner_thread import Post
from failview.session.desk.viewer_port import ViewerPort

KEPT_JUDGEMENTS = 12
"""Judgements kept in memory; more than there are episodes in the viewer."""


class FindingsSource(Protocol):
    """Where findings come from; `proposals.judging_process.JudgingProcess` is one."""

    def judge_now(self, episode: Episode) -> EpisodeFindings:
        """Findings of an episode: known ones, else the detectors run now.

        Called on another thread. It ends in some time whatever the detectors do, and may fail.
        """

    def known(self, episode: Episode) -> EpisodeFindings | None:
        """Findings of an episode as it is now, without judging; None when there are none. Called on any thread."""

    def close(self) -> None:
        """Let go of everything; a judging under way fails at once."""


class JudgingState(StrEnum):
    """How far the detectors are with an episode."""

    OFF = "off"
    JUDGING = "judging"
    JUDGED = "judged"
    FAILED = "failed"
    HIDDEN = "hidden"


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
_HIDDEN = Judgement(JudgingState.HIDDEN)
_UNDER_WAY = Judgement(JudgingState.JUDGING)


class Judging:
    """Judges episodes on a thread of its own: the one asked for last first. Nothing waits for it.

    Args:
        source: Where findings come from; None for a work without proposals.
        viewer: Shown what is found.
        post: Hands results to the session's thread.
        is_hidden: Tells of an episode id whether nobody may see now what is found there.

    Attributes:
        is_hidden: As given.
        arrived: Emits the Episode whose judgement has just come, on the session's thread.
    """

    arrived = Signal(object)

    def __init__(
        self,
        source: FindingsSource | None,
        viewer: ViewerPort,
        post: Post,
        is_hidden: Callable[[str], bool] = lambda _episode_id: False,
    ) -> None:
        self._source = source
        self._viewer = viewer
        self._post = post
        self.is_hidden = is_hidden
        self._judged: OrderedDict[str, tuple[Episode, Judgement]] = OrderedDict()
        self._changed = threading.Condition()
        self._waiting: list[Episode] = []
        self._closing = False
        self._worker: threading.Thread | None = None
        self._at_work: Episode | None = None

    def of(self, episode: Episode | None) -> Judgement:
        """What may be seen about an episode now."""
        if self._source is None or episode is None:
            return OFF
        return _HIDDEN if self.is_hidden(episode.episode_id) else self._known(episode)

    def found_in(self, episode: Episode) -> EpisodeFindings | None:
        """What was found in an episode, whether or not anybody may see it; None while it is not judged."""
        return self._known(episode).findings

    def _known(self, episode: Episode) -> Judgement:
        known = self._judged.get(episode.episode_id)
        return known[1] if known is not None and _same(known[0], episode) else _UNDER_WAY

    def request(self, episode: Episode, *, urgent: bool) -> None:
        """Judge an episode: next when urgent, else when nothing else waits. What is known is shown again.

        What failed is tried again when it is urgent.
        """
        if self._source is None:
            return
        known = self._known(episode)
        if known.findings is not None:
            self._judged.move_to_end(episode.episode_id)
            self._show(episode, known.findings)
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
                self._worker = threading.Thread(target=self._run, name="failview-detectors", daemon=True)
                self._worker.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop now: what is under way is given up."""
        with self._changed:
            self._closing = True
            self._waiting.clear()
            self._changed.notify_all()
        if self._source is not None:
            self._source.close()
        if self._worker is not None:
            self._worker.join()

    def _run(self) -> None:
        while (episode := self._next()) is not None:
            self._deliver(episode, self._judge(episode))

    def _next(self) -> Episode | None:
        """The most urgent episode; None at the end."""
        with self._changed:
            self._at_work = None
            while not self._closing:
                if self._waiting:
                    self._at_work = self._waiting.pop(0)
                    return self._at_work
                self._changed.wait()
        return None

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
            self._show(episode, judgement.findings)
        self.arrived.emit(episode)

    def _show(self, episode: Episode, findings: EpisodeFindings) -> None:
        if not self.is_hidden(episode.episode_id):
            self._viewer.show_findings(episode, findings)


def _same(one: Episode, other: Episode) -> bool:
    return one is other or (one.episode_id, one.source) == (other.episode_id, other.source)
