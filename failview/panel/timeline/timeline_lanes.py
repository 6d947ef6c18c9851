"""What the timeline strip shows, as data: lanes of spans and ticks, and the captions below them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from failview.model.annotation import Annotation, Outcome
from failview.model.detection import Detection, EpisodeFindings
from failview.session.desk.event_words import DETECTOR_TITLES, confidence_words, frames_words, hue_of, kind_words

CAPTION_GAP_PX = 8.0


@dataclass(frozen=True)
class Span:
    """A coloured stretch; end_frame is inclusive, words are its tool tip."""

    start_frame: int
    end_frame: int
    hue: str
    words: str = ""


@dataclass(frozen=True)
class Tick:
    """A marked frame; a dashed one is the obvious frame. `field` is the field of the annotation that holds it."""

    frame: int
    hue: str
    dashed: bool = False
    field: str = ""


@dataclass(frozen=True)
class Lane:
    """One row of the strip."""

    title: str
    spans: tuple[Span, ...] = ()
    ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True)
class Caption:
    """Words below the strip.

    Attributes:
        texts: The words, and shorter ones for less room.
        middle_frame: What they are about, in frames; may lie between two.
        hue: Colour.
        fields: Fields of the annotation that they tell.
    """

    texts: tuple[str, ...]
    middle_frame: float
    hue: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlacedCaption:
    """Words with their left edge in pixels."""

    text: str
    left_px: float
    width_px: float
    hue: str
    fields: tuple[str, ...] = ()


def detector_lanes(findings: EpisodeFindings) -> tuple[Lane, ...]:
    """A lane for each detector that found something; its events that began last lie on top."""
    by_detector: dict[str, list[Detection]] = {name: [] for name in DETECTOR_TITLES}
    for event in sorted(findings.detections, key=lambda item: (item.start_frame, item.confidence)):
        by_detector.setdefault(event.detector, []).append(event)
    return tuple(
        Lane(DETECTOR_TITLES.get(name, name), tuple(map(_event_span, events)))
        for name, events in by_detector.items()
        if events
    )


def _event_span(event: Detection) -> Span:
    heading = f"{kind_words(event.kind)} {frames_words(event)} ({confidence_words(event.confidence)})"
    return Span(event.start_frame, event.end_frame, hue_of(event), f"{heading}\n{event.evidence}")


def label_lane(annotation: Annotation, num_frames: int) -> Lane:
    """The annotation as a lane: the failure from its onset until a recovery or the end, and the recovery."""
    onset, obvious = annotation.failure_onset_frame, annotation.failure_obvious_frame
    start, end = annotation.recovery_start_frame, annotation.recovery_end_frame
    spans, ticks = [], []
    if onset is not None:
        last = num_frames - 1 if start is None or start <= onset else start - 1
        spans.append(Span(onset, last, "amber" if annotation.outcome is Outcome.PARTIAL_SUCCESS else "red"))
        ticks.append(Tick(onset, "red", field="failure_onset_frame"))
    if start is not None:
        spans.append(Span(start, start if end is None or end < start else end, "teal"))
        ticks.append(Tick(start, "teal", field="recovery_start_frame"))
    if end is not None:
        ticks.append(Tick(end, "teal", field="recovery_end_frame"))
    if obvious is not None:
        ticks.append(Tick(obvious, "red", dashed=True, field="failure_obvious_frame"))
    return Lane("label", tuple(spans), tuple(ticks))


def captions_of(annotation: Annotation, chosen: str | None = None) -> list[Caption]:
    """The captions of the annotation, from left to right; the obvious frame has one while it is the chosen mark."""
    found = []
    onset, obvious = annotation.failure_onset_frame, annotation.failure_obvious_frame
    if onset is not None:
        found.append(Caption((f"onset {onset}", f"on. {onset}"), onset + 0.5, "red", ("failure_onset_frame",)))
    if obvious is not None and chosen == "failure_obvious_frame":
        found.append(Caption((f"obvious {obvious}", f"ob. {obvious}"), obvious + 0.5, "red", (chosen,)))
    start, end = annotation.recovery_start_frame, annotation.recovery_end_frame
    if start is not None or end is not None:
        first, last = (end if start is None else start) or 0, (start if end is None else end) or 0
        frames = f"{'' if start is None else start}–{'' if end is None else end}"
        fields = ("recovery_start_frame", "recovery_end_frame")
        found.append(Caption((f"recovery {frames}", f"rec. {frames}"), (first + last + 1) / 2, "teal", fields))
    return sorted(found, key=lambda caption: caption.middle_frame)


def in_sight(caption: Caption, first: float, last: float) -> Caption:
    """A caption of something that is not seen points to where it is. The ends are in frames."""
    if caption.middle_frame < first:
        return replace(caption, texts=tuple(f"‹ {text}" for text in caption.texts))
    if caption.middle_frame > last:
        return replace(caption, texts=tuple(f"{text} ›" for text in caption.texts))
    return caption


def place_captions(
    captions: Sequence[Caption],
    to_px: Callable[[float], float],
    limits_px: tuple[float, float],
    width_of: Callable[[str], float],
) -> list[PlacedCaption]:
    """Put captions near what they are about; none overlaps another or leaves the limits.

    Args:
        captions: From left to right.
        to_px: Pixel of a frame.
        limits_px: Left and right end of the room.
        width_of: Pixels that words take.
    """
    texts = _texts_that_fit(captions, limits_px[1] - limits_px[0], width_of)
    widths = [width_of(text) for text in texts]
    lefts: list[float] = []
    edge = limits_px[0]
    for caption, width in zip(captions, widths, strict=False):
        left = max(edge, to_px(caption.middle_frame) - width / 2)
        lefts.append(left)
        edge = left + width + CAPTION_GAP_PX
    edge = limits_px[1]
    for index in reversed(range(len(lefts))):
        lefts[index] = min(lefts[index], edge - widths[index])
        edge = lefts[index] - CAPTION_GAP_PX
    return [
        PlacedCaption(text, left, width, caption.hue, caption.fields)
        for text, left, width, caption in zip(texts, lefts, widths, captions, strict=False)
    ]


def _texts_that_fit(captions: Sequence[Caption], room_px: float, width_of: Callable[[str], float]) -> list[str]:
    """The longest words that fit; where even the short ones do not, only as many captions as do."""
    for choice in (0, -1):
        texts = [caption.texts[choice] for caption in captions]
        needed_px = sum(map(width_of, texts)) + CAPTION_GAP_PX * max(0, len(texts) - 1)
        if needed_px <= room_px:
            return texts
    return [text for text in texts[:1] if width_of(text) <= room_px]
