"""Logs the label of an episode as words, for people who have the recording and no panel beside it."""

from collections.abc import Iterator

import rerun as rr

from failview.exporters.flat_label import storable
from failview.model.annotation import Annotation, AnnotationRecord
from failview.model.detection import EpisodeFindings
from failview.session.desk.event_words import confidence_words, frames_words, kind_words
from failview.viewer import entity_paths as paths

_NOT_YET = "Nobody has finished a label of this episode."
_SHOWN_AS = {
    "failure_category": "category",
    "failure_subcategory": "subcategory",
    "proximal_cause": "proximal cause",
    "distal_cause": "distal cause",
    "severity": "severity",
    "attribution": "attribution",
    "recovery_outcome": "recovery",
}
_FRAMES = {
    "failure_onset_frame": "failure begins",
    "failure_obvious_frame": "obvious",
    "recovery_start_frame": "recovery starts",
    "recovery_end_frame": "recovery ends",
}


def log_label(stream: rr.RecordingStream, record: AnnotationRecord | None, findings: EpisodeFindings | None) -> None:
    """Log what is said about an episode, once for all of it."""
    lines = [_NOT_YET] if record is None else list(_label_lines(record))
    lines += _finding_lines(findings)
    stream.log(paths.LABEL, rr.TextDocument("\n\n".join(lines), media_type="text/markdown"), static=True)


def _label_lines(record: AnnotationRecord) -> Iterator[str]:
    label = record.annotation
    yield f"# {_words(label.outcome)}"
    for name, title in _SHOWN_AS.items():
        if value := getattr(label, name):
            yield f"{title}: **{_words(value)}**"
    for name, title in _FRAMES.items():
        if (frame := getattr(label, name)) is not None:
            yield f"{title}: frame **{frame}**"
    yield from _story_lines(label)
    yield f"labelled by {_plain(record.annotator)}, {_plain(record.taxonomy_id)} {_plain(record.taxonomy_version)}"


def _story_lines(label: Annotation) -> Iterator[str]:
    if label.preventable is not None:
        yield f"preventable: **{'yes' if label.preventable else 'no'}**"
    if label.root_cause:
        yield f"> {_plain(label.root_cause)}"
    for link in label.causal_chain:
        at = "" if link.frame is None else f" (frame {link.frame})"
        yield f"- {_plain(link.cause)} \N{RIGHTWARDS ARROW} {_plain(link.effect)}{at}"
    for further in label.further_failures:
        yield f"further failure: **{_words(further.subcategory)}**, frame {further.onset_frame}"
    if label.notes:
        yield _plain(label.notes)


def _finding_lines(findings: EpisodeFindings | None) -> Iterator[str]:
    if findings is None:
        yield "The detectors have not judged this episode."
        return
    yield "## Found by the detectors" if findings.detections else "The detectors found nothing."
    for event in findings.detections:
        words = f"**{kind_words(event.kind)}** {confidence_words(event.confidence)}, frames {frames_words(event)}"
        yield f"- {words}: {_plain(event.evidence)}"


def _words(name: object) -> str:
    return _plain(str(name).replace("_", " "))


def _plain(text: str) -> str:
    """Text of a person on one line, with nothing that Markdown would take for markup."""
    words = " ".join(storable(text).split())
    return "".join(f"\\{sign}" if sign in "\\`*_#<>[]|" else sign for sign in words)
