"""Whether an annotation can be true, and whether it is complete. Every problem names its field and says why in words.

What a finished stage needs:

- triage: the outcome.
- detail and review, success: the outcome.
- detail and review, partial success: category, subcategory, onset, confidence, and what became of a recovery. A near
  miss need not become obvious and explains itself, so the obvious frame and the root cause may stay empty.
- detail and review, failure: the same, and the obvious frame and a root cause of 10 to 50 words.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from failview.model.annotation import Annotation, AnnotationRecord, Outcome, RecoveryOutcome, Stage
from failview.model.taxonomy import Taxonomy
from failview.sidecars.codec import is_newer_major, record_from_json, record_to_json
from failview.sidecars.json_values import WrongValueError
from failview.sidecars.schema_problems import Problem, schema_problems

__all__ = ["ROOT_CAUSE_WORDS", "Problem", "count_words", "validate_record", "validate_sidecar"]

ROOT_CAUSE_WORDS = (10, 50)
"""Fewest and most words of a root cause."""

_FRAME_FIELDS = ("failure_onset_frame", "failure_obvious_frame", "recovery_start_frame", "recovery_end_frame")


def count_words(text: str) -> int:
    """Words between spaces that hold a letter or a digit: a dash on its own is none, "off-centre" is one."""
    return sum(any(char.isalnum() for char in word) for word in text.split())


def validate_record(
    record_or_dict: AnnotationRecord | Mapping[str, Any],
    taxonomy: Taxonomy,
    *,
    num_frames: int | None,
    finished: bool,
    stage: Stage = Stage.DETAIL,
) -> list[Problem]:
    """What is wrong with a record; empty when nothing is.

    Args:
        record_or_dict: The record, or a sidecar's JSON object.
        taxonomy: The taxonomy that its ids should belong to.
        num_frames: Frames of the episode; None when it is not known.
        finished: Whether it must be complete. A draft may be incomplete; it may not contradict itself.
        stage: The stage that is to be finished.
    """
    if isinstance(record_or_dict, AnnotationRecord):
        record, document = record_or_dict, record_to_json(record_or_dict)
        problems = schema_problems(document, taxonomy)
    else:
        problems = schema_problems(record_or_dict, taxonomy)
        try:
            record = record_from_json(record_or_dict)
        except WrongValueError as error:
            return problems or [Problem("", str(error))]
    problems += _about_the_record(record, taxonomy, num_frames)
    problems += _contradictions(record.annotation, num_frames)
    if finished:
        problems += _missing(record.annotation, stage)
    return list(dict.fromkeys(problems))


def validate_sidecar(
    record_or_dict: AnnotationRecord | Mapping[str, Any], taxonomy: Taxonomy, *, num_frames: int | None
) -> list[Problem]:
    """What is wrong with a stored record: the rules of a draft, and those of each stage it calls finished."""
    problems = validate_record(record_or_dict, taxonomy, num_frames=num_frames, finished=False)
    for stage in Stage:
        if _is_finished(record_or_dict, stage):
            problems += validate_record(record_or_dict, taxonomy, num_frames=num_frames, finished=True, stage=stage)
    return list(dict.fromkeys(problems))


def _is_finished(record_or_dict: AnnotationRecord | Mapping[str, Any], stage: Stage) -> bool:
    if isinstance(record_or_dict, AnnotationRecord):
        done = record_or_dict.stages.get(stage)
        return done is not None and done.finished_at is not None
    stages = record_or_dict.get("stages")
    done_json = stages.get(stage.value) if isinstance(stages, dict) else None
    return isinstance(done_json, dict) and bool(done_json.get("finished_at"))


def _about_the_record(record: AnnotationRecord, taxonomy: Taxonomy, num_frames: int | None) -> Iterator[Problem]:
    if is_newer_major(record.schema_version):
        yield Problem("schema_version", f"{record.schema_version} is newer than this failview; update it")
    if record.taxonomy_id == taxonomy.id and record.taxonomy_version != taxonomy.version:
        yield Problem("taxonomy", f"made with version {record.taxonomy_version or 'unknown'}, not {taxonomy.version}")
    if num_frames is not None and record.num_frames not in (0, num_frames):
        yield Problem("source", f"made for {record.num_frames} frames; the episode has {num_frames}")
    confidence = record.annotation.annotator_confidence
    if confidence is not None and not math.isfinite(confidence):
        yield Problem("annotator_confidence", "must be between 0 and 1")


def _contradictions(label: Annotation, num_frames: int | None) -> Iterator[Problem]:
    yield from _frames_past_the_end(label, num_frames)
    onset, obvious = label.failure_onset_frame, label.failure_obvious_frame
    if onset is not None and obvious is not None and obvious < onset:
        yield Problem("failure_obvious_frame", f"frame {obvious} is before the onset at {onset}")
    start, end = label.recovery_start_frame, label.recovery_end_frame
    if onset is not None and start is not None and start < onset:
        yield Problem("recovery_start_frame", f"frame {start} is before the onset at {onset}")
    if onset is not None and start is None and end is not None and end < onset:
        yield Problem("recovery_end_frame", f"frame {end} is before the onset at {onset}")
    if start is not None and end is not None and end < start:
        yield Problem("recovery_end_frame", f"frame {end} is before its start at {start}")
    yield from _recovery_contradictions(label)


def _frames_past_the_end(label: Annotation, num_frames: int | None) -> Iterator[Problem]:
    if num_frames is None:
        return
    frames = [(name, "", getattr(label, name)) for name in _FRAME_FIELDS]
    frames += [("causal_chain", f"link {at}: ", link.frame) for at, link in enumerate(label.causal_chain, 1)]
    frames += [
        ("further_failures", f"failure {at}: ", item.onset_frame) for at, item in enumerate(label.further_failures, 1)
    ]
    for name, place, frame in frames:
        if frame is not None and frame >= num_frames:
            yield Problem(name, f"{place}frame {frame} is past the last one, {num_frames - 1}")


def _recovery_contradictions(label: Annotation) -> Iterator[Problem]:
    has_frames = label.recovery_start_frame is not None or label.recovery_end_frame is not None
    if label.recovery_attempted is False and has_frames:
        yield Problem("recovery_attempted", "says no, but recovery frames are set")
    ended = label.recovery_outcome not in (None, RecoveryOutcome.NO_ATTEMPT)
    if label.recovery_attempted is False and ended:
        yield Problem("recovery_outcome", f"says {label.recovery_outcome}, but no recovery was attempted")
    if label.outcome is Outcome.SUCCESS and (has_frames or label.recovery_outcome is not None):
        yield Problem("recovery_outcome", "a success without a failure has no recovery")
    if label.recovery_attempted is True and label.recovery_outcome is RecoveryOutcome.NO_ATTEMPT:
        yield Problem("recovery_outcome", "says no attempt, but a recovery was attempted")


def _missing(label: Annotation, stage: Stage) -> Iterator[Problem]:
    if label.outcome is None:
        yield Problem("outcome", "choose how the episode ended")
    if stage is Stage.TRIAGE or label.outcome in (None, Outcome.SUCCESS):
        return
    failed = label.outcome is Outcome.FAILURE
    wanted = {
        "failure_category": "choose a category",
        **({"failure_subcategory": "choose a subcategory"} if label.failure_category else {}),
        "failure_onset_frame": "set the first frame of the failure",
        **({"failure_obvious_frame": "set the first frame where it is unmistakable"} if failed else {}),
        "recovery_attempted": "say whether a recovery was attempted",
        **_wanted_of_recovery(label),
        "annotator_confidence": "say how sure you are",
    }
    yield from (Problem(name, message) for name, message in wanted.items() if getattr(label, name) is None)
    yield from _root_cause_problems(label, required=failed)
    for at, link in enumerate(label.causal_chain, 1):
        if not link.cause.strip() or not link.effect.strip():
            yield Problem("causal_chain", f"link {at}: needs a cause and an effect")


def _wanted_of_recovery(label: Annotation) -> dict[str, str]:
    if not label.recovery_attempted:
        return {}
    return {
        "recovery_start_frame": "set the first frame of the recovery",
        "recovery_end_frame": "set the last frame of the recovery",
        "recovery_outcome": "say what came of the recovery",
    }


def _root_cause_problems(label: Annotation, *, required: bool) -> Iterator[Problem]:
    least, most = ROOT_CAUSE_WORDS
    words = count_words(label.root_cause)
    if words > most or (required and words < least):
        yield Problem("root_cause", f"has {words} word{'' if words == 1 else 's'}; {least} to {most} are needed")
