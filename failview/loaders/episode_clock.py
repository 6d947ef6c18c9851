"""The reference clock of an episode, and what is doubtful about it."""

from dataclasses import dataclass

import numpy as np

from failview.loaders.raw_dataset import Floats, RawClock
from failview.model.clock import NS_PER_S, Clock

_RATE_TOLERANCE = 0.02
_EVEN_WITHIN_S = 5e-4
"""float32 stamps of an even clock stay this close to it for more than an hour."""
_UNEVEN_STEP = 0.2
_STILL_SHARE = 0.5
_LONGEST_S = 365.0 * 24 * 3600
"""No episode lasts a year: such stamps are counters, or of several clocks."""
_PLAUSIBLE_HZ = (0.5, 2000.0)
"""Frame rates of robots and cameras; stamps outside are rather in another unit than seconds."""


def reference_clock(num_frames: int, raw: RawClock, profile_rate_hz: float | None) -> tuple[Clock, list[str]]:
    """The clock to use, and one line for everything doubtful about it.

    Order: a rate in the profile (somebody decided it), usable timestamps, the declared rate, no times at all.
    """
    warnings: list[str] = []
    if profile_rate_hz is not None:
        return _by_profile(num_frames, raw, profile_rate_hz)
    if raw.times_s is not None:
        usable = _why_unusable(raw.times_s, num_frames)
        if not usable:
            return _by_timestamps(num_frames, raw, raw.times_s)
        rest = f"the declared {raw.rate_hz:g} Hz is used" if raw.rate_hz else "frames have no times"
        warnings.append(f"{raw.times_origin}: {usable}; {rest}")
    if raw.rate_hz:
        return Clock.at_rate(num_frames, raw.rate_hz, f"declared {raw.rate_hz:g} Hz ({raw.rate_origin})"), warnings
    if raw.times_s is None:
        warnings.append(
            "the file tells no time and no rate: set rate_hz in the profile; until then frames are the unit"
        )
    return Clock(num_frames, None, "none: the file tells no time and no rate"), warnings


def _by_profile(num_frames: int, raw: RawClock, rate_hz: float) -> tuple[Clock, list[str]]:
    warnings = []
    if raw.times_s is not None and not _why_unusable(raw.times_s, num_frames):
        true_hz = _rate_of(raw.times_s)
        if true_hz and abs(true_hz / rate_hz - 1) > _RATE_TOLERANCE:
            warnings.append(f"the profile says {rate_hz:g} Hz, but {raw.times_origin} run at {true_hz:.4g} Hz")
    return Clock.at_rate(num_frames, rate_hz, "profile rate_hz"), warnings


def _why_unusable(times_s: Floats, num_frames: int) -> str:
    if times_s.shape[0] != num_frames:
        return f"{times_s.shape[0]} timestamps for {num_frames} frames"
    if not bool(np.all(np.isfinite(times_s))):
        return f"{int(np.sum(~np.isfinite(times_s)))} timestamps are not numbers"
    if num_frames and float(np.abs(times_s - times_s[0]).max()) > _LONGEST_S:
        return "they span more than a year"
    steps_s = np.diff(times_s)
    if bool(np.any(steps_s < 0)):
        return f"time runs backwards at frame {int(np.argmax(steps_s < 0)) + 1}"
    if steps_s.size and float(np.mean(steps_s == 0)) > _STILL_SHARE:
        return f"the clock stands still in {int(np.sum(steps_s == 0))} of {steps_s.size} steps"
    return ""


def _by_timestamps(num_frames: int, raw: RawClock, times_s: Floats) -> tuple[Clock, list[str]]:
    warnings = _doubts(times_s, raw)
    if raw.times_guessed:
        warnings.append(f"time is taken from {raw.times_origin}: a guess, nothing in the file declares it")
    relative_s = times_s - times_s[0]
    if raw.rate_hz and float(np.abs(relative_s - np.arange(num_frames) / raw.rate_hz).max()) < _EVEN_WITHIN_S:
        return Clock.at_rate(num_frames, raw.rate_hz, f"{raw.times_origin}, even at {raw.rate_hz:g} Hz"), warnings
    origin = f"{raw.times_origin} (guess: nothing declares that it is time)" if raw.times_guessed else raw.times_origin
    return Clock(num_frames, np.round(relative_s * NS_PER_S).astype(np.int64), origin), warnings


def _doubts(times_s: Floats, raw: RawClock) -> list[str]:
    steps_s = np.diff(times_s)
    if not steps_s.size:
        return []
    doubts = []
    still = int(np.sum(steps_s == 0))
    if still:
        first = int(np.argmax(steps_s == 0)) + 1
        doubts.append(f"{raw.times_origin}: {still} of {steps_s.size} steps take no time (first: to frame {first})")
    moving_s = steps_s[steps_s > 0]
    typical_s = float(np.median(moving_s))
    if float(moving_s.max()) > typical_s * (1 + _UNEVEN_STEP) or float(moving_s.min()) < typical_s * (1 - _UNEVEN_STEP):
        span = f"{moving_s.min() * 1000:.3g} to {moving_s.max() * 1000:.3g} ms"
        doubts.append(f"{raw.times_origin}: uneven steps, {span} (median {typical_s * 1000:.3g} ms)")
    true_hz = _rate_of(times_s)
    if true_hz and not _PLAUSIBLE_HZ[0] <= true_hz <= _PLAUSIBLE_HZ[1]:
        doubts.append(f"{raw.times_origin} would mean {true_hz:.3g} Hz: not in seconds? Set rate_hz in the profile")
    if raw.rate_hz and true_hz and abs(true_hz / raw.rate_hz - 1) > _RATE_TOLERANCE:
        true_text = f"{raw.times_origin} run at {true_hz:.4g} Hz: those are used"
        doubts.append(f"{raw.rate_origin} declares {raw.rate_hz:g} Hz, but {true_text}")
    return doubts


def _rate_of(times_s: Floats) -> float | None:
    """Mean rate over the whole episode, in Hz."""
    span_s = float(times_s[-1] - times_s[0]) if times_s.size > 1 else 0.0
    return (times_s.size - 1) / span_s if span_s > 0 else None


@dataclass(frozen=True, eq=False)
class SignalTimes:
    """Times of a stream that does not follow the frames one by one.

    Attributes:
        times_s: (samples,) s on the episode's clock.
        wrong: Why they cannot be trusted; "" when they can.
        assumed: What was assumed to place them; "" when the file says it.
    """

    times_s: Floats
    wrong: str = ""
    assumed: str = ""


def signal_times(times_s: Floats, raw: RawClock, clock: Clock) -> SignalTimes:
    """Own stamps of a fast stream on the episode's clock.

    The clock of the stream is consistent when it never runs back and covers the same time as the frames.
    """
    if raw.is_common and raw.times_s is not None and bool(np.all(np.diff(times_s) >= 0)):
        return SignalTimes(times_s - raw.times_s[0])
    if times_s.size < 2 or not np.all(np.isfinite(times_s)) or bool(np.any(np.diff(times_s) < 0)):
        return SignalTimes(times_s, "its timestamps run backwards or are not numbers")
    assumed = ""
    if raw.times_s is not None and raw.times_s.size == clock.num_frames and np.all(np.isfinite(raw.times_s)):
        relative_s = times_s - raw.times_s[0]
    else:
        relative_s = times_s - times_s[0]
        rate_hz = _rate_of(times_s) or 0.0
        assumed = f"stamps of its own ({rate_hz:.4g} Hz), the frames have none: taken to begin with the first frame"
    duration_s = clock.duration_s
    if duration_s is None:
        return SignalTimes(relative_s, "the frames have no times to compare with")
    slack_s = max(0.5, 0.1 * duration_s)
    if abs(relative_s[0]) > slack_s or abs(relative_s[-1] - duration_s) > slack_s:
        span = f"{relative_s[0]:.3g} to {relative_s[-1]:.3g} s"
        wrong = f"its clock covers {span}, the frames 0 to {duration_s:.3g} s"
        return SignalTimes(relative_s - relative_s[0], wrong)
    return SignalTimes(relative_s, assumed=assumed)


def samples_per_frame(num_samples: int, num_frames: int) -> int:
    """Samples of a stream without times for each frame, where there are several and equally many; else 0."""
    whole = num_frames > 1 and num_samples > num_frames and num_samples % num_frames == 0
    return num_samples // num_frames if whole else 0


def times_within_frames(num_samples: int, clock: Clock) -> SignalTimes | None:
    """Times of a stream without any that has several samples for each frame, spread evenly over it.

    None without times of the frames, or when the samples are not equally many for each frame.
    """
    each = samples_per_frame(num_samples, clock.num_frames)
    if not each or clock.times_ns is None or not clock.rate_hz:
        return None
    frame_s = clock.times_ns / NS_PER_S
    ends_s = np.append(frame_s, frame_s[-1] + 1.0 / clock.rate_hz)
    times_s = np.interp(np.arange(num_samples) / each, np.arange(ends_s.size), ends_s)
    rate_hz = each * clock.rate_hz
    what = f"{num_samples} samples for {clock.num_frames} frames and no times"
    return SignalTimes(times_s, assumed=f"{what}: taken as {each} for each frame, evenly spaced ({rate_hz:.4g} Hz)")
