"""What the signals of the open episode say against its label, asked anew whenever either changes."""

from collections.abc import Callable

from failview.model.annotation import Annotation
from failview.model.detection import EpisodeFindings
from failview.quality.consistency import Contradiction, check_label
from failview.quality.signal_evidence import SignalEvidence, Yardstick
from failview.session.desk.judging import Judging
from failview.session.desk.open_episode import OpenEpisode
from failview.session.playing.transport import Transport


class Contradictions:
    """Knows the contradictions of the open episode. Nothing while none is open, or nobody has judged it.

    Args:
        yardstick: What labels are measured by.
        opened: Tells the open episode.
        judging: Knows what was found in it, where that may be seen.
        transport: The cursor.
        say: Takes one line for the person.
    """

    def __init__(
        self,
        yardstick: Yardstick,
        opened: Callable[[], OpenEpisode | None],
        judging: Judging,
        transport: Transport,
        say: Callable[[str], None],
    ) -> None:
        self._yardstick = yardstick
        self._opened = opened
        self._judging = judging
        self._transport = transport
        self._say = say
        self._evidence: SignalEvidence | None = None
        self._asked: tuple[EpisodeFindings, Annotation] | None = None
        self._answer: tuple[Contradiction, ...] = ()

    @property
    def now(self) -> tuple[Contradiction, ...]:
        """What contradicts now, in the order of the table of rules."""
        opened = self._opened()
        findings = None if opened is None else self._judging.of(opened.episode).findings
        if opened is None or findings is None:
            self._evidence = self._asked = None
            return ()
        if self._evidence is None or self._evidence.findings is not findings:
            episode = opened.episode
            self._evidence = SignalEvidence(
                findings, self._yardstick, episode.num_frames, episode.clock.pace_hz, lambda: episode
            )
        if self._asked is None or self._asked[0] is not findings or self._asked[1] is not opened.annotation:
            self._asked = (findings, opened.annotation)
            self._answer = check_label(opened.annotation, self._evidence).contradictions
        return self._answer

    @property
    def frames(self) -> list[int]:
        """The frames to look at, in the order of the words, each once."""
        return list(dict.fromkeys(frame for item in self.now for frame in item.frames))

    def jump(self) -> None:
        """Go to the next frame of what contradicts; after the last one to the first."""
        frames = self.frames
        if not frames:
            self._say("Nothing contradicts this label." if not self.now else "The contradiction names no frame.")
            return
        here = self._transport.frame
        following = frames.index(here) + 1 if here in frames else 0
        self._transport.pause()
        self._transport.seek(frames[following % len(frames)])
