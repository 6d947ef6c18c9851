"""The words of a dataset card, in the form of the Hugging Face hub: a YAML header and Markdown."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from failview.model.annotation import Origin, Outcome
from failview.model.taxonomy import Taxonomy
from failview.quality.agreement import Agreement
from failview.quality.distribution import Rate
from failview.quality.estimate import of_mean
from failview.quality.frame_agreement import CLOSE_FRAMES
from failview.quality.report import QaReport

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST = "n>1M"
_NOT_THERE = "not recorded"


@dataclass(frozen=True)
class DatasetFacts:
    """What a dataset is, apart from its labels.

    Attributes:
        name: Its name.
        format_name: Its format.
        episodes: Number of episodes.
        frames: Number of frames.
        seconds: Length of all episodes whose rate is known; None where none is.
        rates_hz: Lowest and highest rate; None where none is known.
        cameras: (width, height) by camera, of the first episode that can be read.
        roles: Unit by role, of that episode.
        variants: File by episode, where the dataset is several; empty otherwise.
        licence: As the user gave it; may be empty.
        failview: Version that wrote the card.
        reference_card: Name of the taxonomy's reference card beside this one; empty where there is none.
    """

    name: str
    format_name: str
    episodes: int
    frames: int
    seconds: float | None
    rates_hz: tuple[float, float] | None
    cameras: Mapping[str, tuple[int, int]]
    roles: Mapping[str, str]
    variants: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    failview: str = ""
    reference_card: str = ""


def dataset_card(facts: DatasetFacts, report: QaReport) -> str:
    """The card."""
    parts = [
        *_header(facts),
        f"# {_plain(facts.name)}",
        *_summary(facts, report),
        *_outcomes(facts, report),
        *_failures(report),
        *_agreement(report),
        *_detectors(report),
        *_taxonomy(report.given.taxonomy, report.taxonomies, facts.reference_card),
        *_use(facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _header(facts: DatasetFacts) -> Iterator[str]:
    size = next((name for limit, name in _SIZES if facts.frames < limit), _LARGEST)
    lines = ["---", f"pretty_name: {json.dumps(facts.name)}"]
    lines += [f"license: {json.dumps(facts.licence)}"] if facts.licence else []
    lines += ["task_categories:", "- robotics", "tags:", "- robotics", "- failure-detection", "- failview"]
    lines += ["- LeRobot"] if facts.format_name.startswith("LeRobot") else []
    yield "\n".join([*lines, "size_categories:", f"- {size}", "---"])


def _summary(facts: DatasetFacts, report: QaReport) -> Iterator[str]:
    length = _NOT_THERE if facts.seconds is None else f"{facts.seconds / 60:.1f} minutes"
    rate = _NOT_THERE
    if facts.rates_hz is not None:
        low, high = facts.rates_hz
        rate = f"{low:.3g} Hz" if high - low < 0.01 * high else f"{low:.3g} to {high:.3g} Hz"
    cameras = ", ".join(f"{_plain(name)} {width}x{height}" for name, (width, height) in facts.cameras.items())
    roles = ", ".join(f"{role} ({unit})" if unit else role for role, unit in facts.roles.items())
    yield "Robot demonstration episodes with labelled failures."
    yield _table(
        ("", ""),
        [
            ("format", facts.format_name),
            ("episodes", str(facts.episodes)),
            ("with a finished label", str(report.num_final)),
            ("annotators", str(len(report.annotators))),
            ("frames", str(facts.frames)),
            ("length", length),
            ("frame rate", rate),
            ("cameras", cameras or "none"),
            ("signals", roles or "none recognised"),
            ("license", facts.licence or "not stated here"),
        ],
    )


def _outcomes(facts: DatasetFacts, report: QaReport) -> Iterator[str]:
    spread = report.distribution
    yield "## How often it fails"
    if not report.num_final:
        yield "No episode has a finished label yet."
        return
    total = spread.overall.labels
    rows = [(outcome.value, str(count), f"{count / total:.0%}") for outcome, count in spread.outcomes.items()]
    yield _table(("outcome", "episodes", "share"), rows)
    yield from _rates("task", spread.tasks, "The data names no task.")
    yield from _rates("variant (file)", _by_variant(facts, report), "The dataset tells no variants of a task apart.")
    yield from _rates("object", spread.objects, "No profile names the object (`[dataset] object`).")


def _by_variant(facts: DatasetFacts, report: QaReport) -> Sequence[Rate]:
    groups: dict[str, list[bool]] = {}
    for key, row in sorted(report.given.labels.final.items()):
        if key in facts.variants:
            groups.setdefault(facts.variants[key], []).append(row.annotation.outcome is Outcome.FAILURE)
    return [Rate(name, len(failed), sum(failed)) for name, failed in groups.items()]


def _rates(title: str, rates: Sequence[Rate], why_none: str) -> Iterator[str]:
    if not rates:
        yield why_none
        return
    rows = [(_plain(rate.name), str(rate.labels), str(rate.failures), _share(rate.share)) for rate in rates]
    yield _table((title, "labelled", "failures", "failure rate"), rows)


def _failures(report: QaReport) -> Iterator[str]:
    spread = report.distribution
    if not spread.subcategories and not spread.categories:
        return
    yield "## What fails"
    rows = [
        (category.name, item.name, str(spread.subcategories[item.id]))
        for category in report.given.taxonomy.categories
        for item in category.subcategories
        if item.id in spread.subcategories
    ]
    yield _table(("category", "subcategory", "episodes"), rows)
    first, middle, last = spread.onset_thirds
    thirds = f"{first} begin in the first third of their episode, {middle} in the middle, {last} in the last"
    yield f"Failures and partial successes are counted. {thirds}."


def _agreement(report: QaReport) -> Iterator[str]:
    yield "## How far annotators agree"
    if not report.agreements:
        why = report.why_no_agreement
        yield f"Nothing can be said about it: {why}." if why else "Nothing can be said about it."
        return
    yield _table(
        ("field", "annotators", "episodes", "agreement", "kappa", "Gwet's AC1"),
        [_agreement_row(item) for item in report.agreements],
    )
    rows = [
        (item.field, " and ".join(map(_plain, item.raters)), str(item.n), item.mean_frames.text, item.close.text)
        for item in report.frames
    ]
    yield _table(("field", "annotators", "episodes", "mean frames apart", f"within {CLOSE_FRAMES}"), rows)
    yield "In brackets 95 % bootstrap intervals."


def _agreement_row(item: Agreement) -> tuple[str, ...]:
    who = " and ".join(map(_plain, item.raters)) if len(item.raters) == 2 else f"all {len(item.raters)}"
    return (item.field, who, str(item.n), item.percentage.text, item.kappa.text, item.ac1.text)


def _detectors(report: QaReport) -> Iterator[str]:
    """Proposals of the detectors against the labels that hold."""
    yield "## How right the detectors are"
    proposals, final = report.given.proposals, report.given.labels.final
    both = [(final[key], proposals[key]) for key in sorted(final) if key in proposals]
    if not both:
        yield "The detectors have judged none of the labelled episodes."
        return
    failed = [(row, found) for row, found in both if row.annotation.failure_subcategory is not None]
    onsets = [
        abs(found.onset_frame - row.annotation.failure_onset_frame)
        for row, found in both
        if found.onset_frame is not None and row.annotation.failure_onset_frame is not None
    ]
    outcome = of_mean(np.array([row.annotation.outcome is found.outcome for row, found in both], dtype=float), "")
    kind = of_mean(
        np.array([row.annotation.failure_subcategory == found.subcategory for row, found in failed], dtype=float),
        "no failure to compare",
    )
    apart = of_mean(np.array(onsets, dtype=float), "no onset to compare")
    close = of_mean(np.array([frames <= CLOSE_FRAMES for frames in onsets], dtype=float), "no onset to compare")
    rows = [
        ("outcome right", str(len(both)), outcome.text),
        ("subcategory right, of failures and partial successes", str(len(failed)), kind.text),
        ("onset, mean frames apart", str(len(onsets)), apart.text),
        (f"onset within {CLOSE_FRAMES} frames", str(len(onsets)), close.text),
    ]
    yield _table(("", "episodes", ""), rows)
    taken = sum(row.origins.get("outcome") in {Origin.ACCEPTED, Origin.PROPOSED} for row, _ in both)
    if taken:
        yield f"{taken} of these {len(both)} labels are proposals that were accepted: they flatter the detectors."


def _taxonomy(taxonomy: Taxonomy, used: Mapping[str, int], reference_card: str) -> Iterator[str]:
    yield "## Taxonomy"
    yield f"{_plain(taxonomy.title)}, {taxonomy.id} {taxonomy.version}."
    if reference_card:
        yield f"On one page, with the rules for the frames: [{reference_card}]({reference_card})."
    else:
        yield "`failview taxonomy card` prints it on one page, with the rules for the frames."
    others = [name for name in used if name != f"{taxonomy.id} {taxonomy.version}"]
    if others:
        yield f"Some labels are of another one: {', '.join(others)}."
    for category in taxonomy.categories:
        lines = [
            f"- **{_plain(item.name)}** (`{item.id}`): {_plain(item.definition)}" for item in category.subcategories
        ]
        yield "\n".join([f"### {_plain(category.name)} (`{category.id}`)", "", _plain(category.definition), "", *lines])


def _use(facts: DatasetFacts) -> Iterator[str]:
    yield "## Frames and phases"
    yield (
        "Frames count from 0. `failure_onset_frame` is the first frame where the failure begins, "
        "`failure_obvious_frame` the first where it is visually unambiguous; a recovery includes its last frame. "
        "Exports carry a phase per frame: `pre_failure`, `failure_onset` (exactly one frame), `during_failure`, "
        "`recovery`, `post_recovery`, and `normal` throughout a success."
    )
    yield f"Labelled with failview {facts.failview}; this card is made from its labels."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell or ' ' for cell in line)} |" for line in lines)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _plain(text: str) -> str:
    """Text on one line that breaks no table."""
    return " ".join(text.split()).replace("|", "\\|")
