"""What `failview calibrate` found, for people and for programs."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from failview.detectors.calibration.scores import Counts, Scores
from failview.proposals.calibration import CalibrationResult

_TITLE = {"title_justify": "left", "title_style": "bold", "box": SIMPLE_HEAD}


def print_calibration(
    result: CalibrationResult, notes: Sequence[str], dataset: str, written: Path | None, console: Console
) -> None:
    """Before and after, what changes, what stays and why, and what to do next."""
    failures = sum(label.failed for label in result.labels)
    console.print(f"{len(result.labels)} labelled episodes, {failures} of them failures")
    for note in (*notes, *(f"{key}: {why}" for key, why in result.problems.items())):
        console.print(f"[yellow]![/yellow] {escape(note)}", soft_wrap=True)
    console.print(_overview(result))
    before, after = result.before, result.after
    console.print(_counts("Proposals by subcategory", before.subcategories, after.subcategories))
    console.print(_counts("Detections by kind", before.kinds, after.kinds))
    _print_changes(result, console)
    _print_end(result, dataset, written, console)


def _overview(result: CalibrationResult) -> Table:
    table = Table(title="Proposals", **_TITLE)  # type: ignore[arg-type]
    for name in ("", "before", "after"):
        table.add_column(name, justify="left" if not name else "right")
    before, after = result.before, result.after
    rows = {
        "outcome right": (_percent(before.outcome_right), _percent(after.outcome_right)),
        "subcategory right": (_percent(before.subcategory_right), _percent(after.subcategory_right)),
        "onset error, frames": (_number(before.onset_mean), _number(after.onset_mean)),
        "onset within 5 frames": (_percent(before.onset_within), _percent(after.onset_within)),
    }
    for name in before.brier:
        rows[f"Brier score, {name.replace('_', ' ')}"] = (_small(before.brier[name]), _small(after.brier.get(name)))
    for name, (first, second) in rows.items():
        table.add_row(name, first, second)
    table.caption = "after: every episode measured with settings that have not seen its label (5 folds)"
    table.caption_justify = "left"
    return table


def _counts(title: str, before: Mapping[str, Counts], after: Mapping[str, Counts]) -> Table:
    table = Table(title=title, **_TITLE)  # type: ignore[arg-type]
    table.add_column("", no_wrap=True)
    for name in ("to find", "precision", "recall", "F1", "after: precision", "recall", "F1"):
        table.add_column(name, justify="right")
    for key in sorted({*before, *after}):
        first, second = before.get(key, Counts()), after.get(key, Counts())
        table.add_row(escape(key), str(first.right + first.missed), *_shares(first), *_shares(second))
    return table


def _shares(counts: Counts) -> tuple[str, str, str]:
    return _small(counts.precision), _small(counts.recall), _small(counts.f1)


def _print_changes(result: CalibrationResult, console: Console) -> None:
    for name, (before, after) in result.thresholds.items():
        console.print(f"{escape(name)}: {before:g} becomes {after:g}")
    if result.joint_residual_nm:
        console.print(f"limit per joint: {', '.join(f'{limit:g}' for limit in result.joint_residual_nm)} Nm")
    for kind, (slope, offset) in result.confidence.items():
        console.print(f"confidence of {escape(kind)}: slope {slope:.2f}, offset {offset:+.2f}")
    for what, why in result.kept.items():
        console.print(f"[dim]as before: {escape(what)} ({escape(why)})[/dim]", soft_wrap=True)


def _print_end(result: CalibrationResult, dataset: str, written: Path | None, console: Console) -> None:
    quoted = escape(shlex.quote(dataset))
    if written is not None:
        console.print(f"\nwritten into {escape(str(written))}\nnext: failview detect {quoted}", soft_wrap=True)
    elif result.thresholds or result.confidence or result.joint_residual_nm:
        console.print("\nnothing is changed yet: the same command with --write-profile writes it into the profile")
    else:
        console.print("\nnothing to change: the settings in force serve these labels as well as any other")


def result_json(result: CalibrationResult, notes: Sequence[str]) -> dict[str, Any]:
    """The result as plain values."""
    return {
        "labelled": len(result.labels),
        "failures": sum(label.failed for label in result.labels),
        "before": _scores(result.before),
        "after": _scores(result.after),
        "thresholds": {name: {"before": old, "after": new} for name, (old, new) in result.thresholds.items()},
        "confidence": {kind: list(line) for kind, line in result.confidence.items()},
        "joint_residual_nm": list(result.joint_residual_nm),
        "kept": dict(result.kept),
        "problems": dict(result.problems),
        "notes": list(notes),
    }


def _scores(scores: Scores) -> dict[str, Any]:
    return {
        "outcome_right": scores.outcome_right,
        "subcategory_right": scores.subcategory_right,
        "onset_mean_frames": scores.onset_mean,
        "onset_within_5_frames": scores.onset_within,
        "brier": dict(scores.brier),
        "kinds": {kind: _counts_json(counts) for kind, counts in scores.kinds.items()},
        "subcategories": {name: _counts_json(counts) for name, counts in scores.subcategories.items()},
        "reliability": {
            name: [{"confidence": item.confidence, "right": item.right, "count": item.count} for item in bins]
            for name, bins in scores.reliability.items()
        },
    }


def _counts_json(counts: Counts) -> dict[str, Any]:
    return {
        "right": counts.right, "wrong": counts.wrong, "missed": counts.missed,
        "precision": counts.precision, "recall": counts.recall, "f1": counts.f1,
    }  # fmt: skip


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _small(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
