"""Which of the two times of a bag counts: the one that its messages carry, or the one of its recorder (DATA 1)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from failview.loaders.raw_dataset import Floats
from failview.loaders.rosbag.topic_reading import Stamps
from failview.model.clock import NS_PER_S

_SAME_CLOCK_NS = 5 * NS_PER_S
"""Stamps further than this from the bag time are no delay of a message: they come from another clock."""
_BACKWARDS_SHARE = 0.1
_STILL_SHARE = 0.9
"""Coarse clocks of simulators stand still in half of the steps and are right all the same; a dead one never moves."""
_FINE_SHARE = 0.5
_HELD_NS = NS_PER_S // 2


@dataclass(frozen=True, eq=False)
class Stamped:
    """The two times of some messages, in the order of recording."""

    name: str
    bag_ns: Stamps
    header_ns: Stamps | None

    @classmethod
    def of(cls, name: str, bag_ns: Stamps, header_ns: Stamps | None, warnings: list[str]) -> "Stamped":
        """With single stamps of 0 filled in by the bag time, and a line about them."""
        if header_ns is None or not header_ns.size or np.all(header_ns) or np.mean(header_ns == 0) > _STILL_SHARE:
            return cls(name, bag_ns, header_ns)
        empty = header_ns == 0
        apart_ns = int(np.median((bag_ns - header_ns)[~empty]))
        warnings.append(f"{name}: {int(empty.sum())} of {empty.size} header stamps are 0: placed by bag time")
        return cls(name, bag_ns, np.where(empty, bag_ns - apart_ns, header_ns))


@dataclass
class BagClock:
    """The clock of one bag.

    Attributes:
        reference: Messages whose times are those of the frames.
        origin: Where the times of the frames come from, in words.
        warnings: What is doubtful about it.
    """

    reference: Stamped
    origin: str = ""
    warnings: list[str] = field(default_factory=list)
    _by_header: bool = False
    _apart_ns: int = 0
    _bag_moves: bool = True

    def __post_init__(self) -> None:
        """Choose."""
        why_not = _why_unusable(self.reference.header_ns)
        bag_why_not = _why_unusable(self.reference.bag_ns)
        self._by_header = not why_not and (bool(bag_why_not) or _is_finer(self.reference))
        self._bag_moves = not bag_why_not
        name = self.reference.name
        if not self._by_header:
            self.origin = f"bag time of {name}"
            if self.reference.header_ns is not None:
                why_not = why_not or "stand still more often than bag time"
                self.warnings.append(f"the header stamps of {name} {why_not}: bag time is used")
            return
        assert self.reference.header_ns is not None
        self.origin = f"header stamps of {name}"
        if bag_why_not:
            self.warnings.append(f"the bag times of {name} {bag_why_not}: header stamps are used")
            return
        apart_ns = int(np.median(self.reference.bag_ns - self.reference.header_ns))
        if abs(apart_ns) > _SAME_CLOCK_NS:
            self._apart_ns = apart_ns
            self.warnings.append(
                f"bag time and the header stamps of {name} are different clocks, {apart_ns / NS_PER_S:.4g} s apart: "
                "header stamps are used"
            )

    def frame_ns(self) -> Stamps:
        """(messages,) times of the reference messages, ascending."""
        times_ns, spread = spread_ties(np.sort(self.times_ns(self.reference)))
        if spread:
            self.warnings.append(
                f"{self.origin}: {spread} of {times_ns.size} frames have the stamp of the one before: "
                "spread evenly until the next stamp"
            )
        return times_ns

    def order(self) -> Stamps:
        """(messages,) the order in which the reference messages become frames."""
        return np.argsort(self.times_ns(self.reference), kind="stable")

    def times_ns(self, stamped: Stamped) -> Stamps:
        """(messages,) times on the clock of the frames."""
        if self._by_header and (stamped is self.reference or self._header_fits(stamped)):
            assert stamped.header_ns is not None
            return stamped.header_ns
        return self._from_bag_time(stamped.bag_ns) if self._apart_ns else stamped.bag_ns

    def has_time(self, stamped: Stamped) -> bool:
        """Whether any clock of these messages can be placed on that of the frames."""
        return self._bag_moves or self._header_fits(stamped)

    def note_on(self, stamped: Stamped) -> str:
        """What is doubtful about the times of some messages; empty when nothing is."""
        if stamped.header_ns is None or not self._by_header or self._header_fits(stamped):
            return ""
        why_not = _why_unusable(stamped.header_ns)
        if why_not:
            return f"{stamped.name}: its header stamps {why_not}: bag time is used"
        other = self.reference.name
        return f"{stamped.name}: its header stamps are of another clock than those of {other}: bag time is used"

    def _header_fits(self, stamped: Stamped) -> bool:
        if not self._by_header or stamped.header_ns is None or _why_unusable(stamped.header_ns):
            return False
        if not self._bag_moves:
            return True
        apart_ns = int(np.median(stamped.bag_ns - self._from_header(stamped.header_ns)))
        return abs(apart_ns) <= _SAME_CLOCK_NS

    def _from_bag_time(self, bag_ns: Stamps) -> Stamps:
        """Bag time as header time, through the pairs that the reference messages carry."""
        assert self.reference.header_ns is not None
        return _mapped(bag_ns, self.reference.bag_ns, self.reference.header_ns)

    def _from_header(self, header_ns: Stamps) -> Stamps:
        assert self.reference.header_ns is not None
        if not self._apart_ns:
            return header_ns
        return _mapped(header_ns, self.reference.header_ns, self.reference.bag_ns)


def _mapped(times_ns: Stamps, known_from_ns: Stamps, known_to_ns: Stamps) -> Stamps:
    """Times of one clock on another, straight lines between known pairs and the same pace outside of them."""
    order = np.argsort(known_from_ns, kind="stable")
    start_from, start_to = known_from_ns[order[0]], known_to_ns[order[0]]
    known = (known_from_ns[order] - start_from).astype(np.float64)
    target = (known_to_ns[order] - start_to).astype(np.float64)
    wanted = (times_ns - start_from).astype(np.float64)
    inside = np.interp(wanted, known, target)
    outside = np.where(wanted < 0, wanted, np.maximum(wanted - known[-1], 0.0))
    return np.asarray(np.round(inside + outside).astype(np.int64) + start_to)


def _is_finer(stamped: Stamped) -> bool:
    """Whether header stamps move in most steps, or at least as often as the bag time."""
    if stamped.header_ns is None or stamped.header_ns.size < 2:
        return stamped.header_ns is not None
    moving, bag_moving = (float(np.mean(np.diff(item) > 0)) for item in (stamped.header_ns, stamped.bag_ns))
    return moving >= min(_FINE_SHARE, bag_moving)


def spread_ties(times_ns: Stamps) -> tuple[Stamps, int]:
    """(times that move in every step, how many were moved).

    Samples with one stamp lie evenly between it and the next one, never further apart than a usual step.

    Args:
        times_ns: (samples,) ascending.
    """
    distinct, first, counts = np.unique(times_ns, return_index=True, return_counts=True)
    spread = int(times_ns.size - distinct.size)
    if not spread or distinct.size < 2:
        return times_ns, 0
    gaps = np.diff(distinct)
    usual = int(np.median(gaps))
    room = np.minimum(np.append(gaps, usual), usual)
    number = np.arange(times_ns.size) - np.repeat(first, counts)
    return times_ns + number * np.repeat(room, counts) // np.repeat(counts, counts), spread


def _why_unusable(stamps_ns: Stamps | None) -> str:
    """Why stamps tell no time; empty when they do."""
    if stamps_ns is None or not stamps_ns.size:
        return "are missing"
    if not np.any(stamps_ns):
        return "are all 0"
    steps_ns = np.diff(stamps_ns)
    if not steps_ns.size:
        return ""
    if float(np.mean(steps_ns == 0)) > _STILL_SHARE:
        return f"stand still in {int(np.sum(steps_ns == 0))} of {steps_ns.size} steps"
    if float(np.mean(steps_ns < 0)) > _BACKWARDS_SHARE:
        return f"run backwards in {int(np.sum(steps_ns < 0))} of {steps_ns.size} steps"
    return ""


def within_frames(times_ns: Stamps, frame_ns: Stamps) -> tuple[Stamps, Stamps]:
    """Which samples belong to the time of the frames, and their times.

    The value that holds when the first frame begins is kept: at its own time when that is just before, else at the
    time of the first frame.

    Args:
        times_ns: (samples,) ascending.
        frame_ns: (frames,) ascending.

    Returns:
        (indices of the samples, their times in ns).
    """
    first = int(np.searchsorted(times_ns, frame_ns[0], side="right")) - 1
    stop = int(np.searchsorted(times_ns, frame_ns[-1], side="right"))
    kept = np.arange(max(first, 0), max(stop, first, 0), dtype=np.int64)
    placed = times_ns[kept].copy()
    if kept.size and placed[0] < frame_ns[0] - _HELD_NS:
        placed[0] = frame_ns[0]
    return kept, placed


def seconds_since(times_ns: Stamps, start_ns: int) -> Floats:
    """Times in s since a moment; the difference is taken in whole ns."""
    return np.asarray(times_ns - start_ns, dtype=np.float64) / NS_PER_S


def longest_lead_s(scopes: Iterable[Stamps], frame_ns: Stamps) -> tuple[float, float]:
    """Seconds of signals before the first and after the last frame."""
    before = after = 0
    for times_ns in scopes:
        if times_ns.size > 1:
            before = max(before, int(frame_ns[0] - times_ns.min()))
            after = max(after, int(times_ns.max() - frame_ns[-1]))
    return before / NS_PER_S, after / NS_PER_S
