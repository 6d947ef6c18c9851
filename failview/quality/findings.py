"""What is wrong, or worth a look: the list that a person works through after the report."""

from collections.abc import Iterator
from dataclasses import dataclass

from failview.model.annotation import Annotation
from failview.quality.annotators import DETECTORS, MOST_DISAGREEMENT, AnnotatorReport
from failview.quality.distribution import LEAST_LABELS, MOST_OF_ONE_CATEGORY
from failview.quality.drift import Block
from failview.quality.frame_agreement import CLOSE_FRAMES
from failview.quality.report import QaReport


@dataclass(frozen=True)
class Finding:
    """One thing.

    Attributes:
        kind: What kind of thing, for programs.
        words: What it is, in a sentence without a full stop.
        is_wrong: Whether it counts for `--strict`; else it is only worth a look.
        episode_id: The episode that shows it; empty when none does.
        frame: Where to look in it.
        annotator: Whose label it is about; empty when nobody's.
    """

    kind: str
    words: str
    is_wrong: bool = True
    episode_id: str = ""
    frame: int = 0
    annotator: str = ""


def findings(report: QaReport) -> tuple[Finding, ...]:
    """Everything found, what concerns the whole dataset first."""
    return (
        *_about_files(report),
        *_about_agreement(report),
        *(item for annotator in report.annotators for item in _about_annotator(annotator)),
        *_about_spread(report),
        *_contradictions(report),
        *_others(report),
    )


def _about_files(report: QaReport) -> Iterator[Finding]:
    for item in report.given.labels.unreadable:
        yield Finding("unreadable", f"{item.path}: {item.message}")
    if len(report.taxonomies) > 1:
        said = ", ".join(f"{count} of {name}" for name, count in report.taxonomies.items())
        yield Finding(
            "taxonomies_mixed",
            f"labels of several taxonomies are mixed ({said}): categories are compared within the first; "
            "failview taxonomy migrate brings them together",
        )


def _about_agreement(report: QaReport) -> Iterator[Finding]:
    agreements = (*report.agreements, *(again.outcome for again in report.retests))
    for item in sorted(agreements, key=lambda item: item.kappa.value or 0.0):
        if item.is_short and item.n >= LEAST_LABELS:
            what = item.field.removeprefix("failure_")
            yield Finding(
                "low_agreement",
                f"{item.coefficient} of {' and '.join(item.raters)} on the {what} is {item.kappa.text} "
                f"over {item.n} episodes, wanted above {item.target:.2f}",
            )
    for frames in report.frames:
        if frames.is_short and frames.field == "failure_onset_frame":
            yield Finding(
                "onsets_apart",
                f"{' and '.join(frames.raters)} set the onset {frames.mean_frames.value:.1f} frames apart on average "
                f"over {frames.n} episodes, wanted {CLOSE_FRAMES} at most",
            )


def _about_annotator(item: AnnotatorReport) -> Iterator[Finding]:
    if item.disagrees_much and item.outcome.n >= LEAST_LABELS:
        yield Finding(
            "disagrees_with_detectors",
            f"{item.disagreement.value:.0%} of {item.annotator}'s labels differ from the proposals "
            f"(more than {MOST_DISAGREEMENT:.0%})",
            annotator=item.annotator,
        )
    for drift in item.drifts:
        if drift.unusual:
            first, worst = (
                drift.blocks[0],
                max(drift.unusual, key=lambda block: abs(_share(block) - _share(drift.blocks[0]))),
            )
            more = f" ({len(drift.unusual)} stretches like it)" if len(drift.unusual) > 1 else ""
            yield Finding(
                "drift",
                f"{item.annotator} drifts: labels {worst.first} to {worst.last} differ from {_shown(drift.against)} in "
                f"{_share(worst):.0%}, the first {first.last} in {_share(first):.0%}{more}",
                annotator=item.annotator,
            )


def _share(block: Block) -> float:
    return block.share or 0.0


def _shown(against: str) -> str:
    return "the proposals" if against == DETECTORS else against


def _about_spread(report: QaReport) -> Iterator[Finding]:
    spread = report.distribution
    for rate in (spread.overall, *(spread.tasks if len(spread.tasks) > 1 else ()), *spread.objects):
        if rate.flag:
            of = "" if rate is spread.overall else f" of {rate.name}"
            yield Finding("failure_rate", f"the failure rate{of} is {rate.share:.0%} of {rate.labels}, {rate.flag}")
    if spread.dominant:
        count, total = spread.categories[spread.dominant], sum(spread.categories.values())
        yield Finding(
            "one_category",
            f"{count} of {total} failures are {spread.dominant} (more than {MOST_OF_ONE_CATEGORY:.0%})",
            is_wrong=False,
        )


def _contradictions(report: QaReport) -> Iterator[Finding]:
    for item in sorted(report.given.consistency.found, key=lambda item: bool(item.decided_by)):
        label = report.given.labels.by_key[item.episode_id, item.annotator].annotation
        words = f"{item.episode_id}, {item.annotator}: {_said(label, item.contradiction.field)}, but "
        yield Finding(
            "contradiction",
            words
            + item.contradiction.text
            + (f"; {item.decided_by} decided so in the review" if item.decided_by else ""),
            is_wrong=not item.decided_by,
            episode_id=item.episode_id,
            frame=item.frame,
            annotator=item.annotator,
        )


def _said(label: Annotation, field: str) -> str:
    """What the doubtful field says."""
    value = getattr(label, field)
    return f"onset at {value}" if isinstance(value, int) else str(value).replace("_", " ")


def _others(report: QaReport) -> Iterator[Finding]:
    for row in report.distribution.others:
        yield Finding(
            "other",
            f"{row.episode_id}, {row.annotator}: {(row.annotation.failure_subcategory or '').replace('_', ' ')}, "
            "for the review of the taxonomy",
            is_wrong=False,
            episode_id=row.episode_id,
            frame=row.annotation.failure_onset_frame or 0,
            annotator=row.annotator,
        )
