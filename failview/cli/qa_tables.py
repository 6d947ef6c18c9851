"""What `failview qa` shows to people: the figures that decide, then what was found, each with its command."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from failview.cli.qa_report import QaRequest
from failview.model.annotation import Stage
from failview.quality.annotators import MOST_DISAGREEMENT, AnnotatorReport
from failview.quality.distribution import THIRDS, Rate
from failview.quality.estimate import Estimate
from failview.quality.findings import Finding
from failview.quality.report import QaReport

_LISTED = 12
_TOP = 6


def print_qa(report: QaReport, found: Sequence[Finding], request: QaRequest, console: Console) -> None:
    """The whole report in short."""
    given = report.given
    line = (
        f"{_shown(given.dataset)}: {report.num_final} of {_count(given.num_episodes, 'episode')} with a finished label"
    )
    names = [item.annotator for item in report.annotators]
    console.print(f"{line} by {_shown(', '.join(names))}" if names else line, soft_wrap=True)
    if not names:
        console.print("nobody has finished a label yet: there is nothing to check", soft_wrap=True)
    else:
        _print_spread(report, console)
        _print_agreement(report, console)
        _print_annotators(report, console)
        _print_consistency(report, console)
        _print_causes(report, console)
    _print_found(found, request, console)


def _print_spread(report: QaReport, console: Console) -> None:
    spread = report.distribution
    said = ", ".join(
        f"{count} {outcome.value.replace('_', ' ')}" for outcome, count in spread.outcomes.items() if count
    )
    console.print(f"outcomes: {said}; failure rate {_percent(spread.overall.share)}", soft_wrap=True)
    for title, rates in (("task", spread.tasks), ("object", spread.objects)):
        if len(rates) > 1:
            console.print(_rates_table(title, rates))
    if spread.subcategories:
        kinds = ", ".join(f"{name} {count}" for name, count in spread.subcategories.items())
        console.print(f"failed: {_shown(kinds)}", soft_wrap=True)
    if sum(spread.onset_thirds):
        parts = ", ".join(f"{name} {count}" for name, count in zip(THIRDS, spread.onset_thirds, strict=True))
        console.print(f"onsets: {parts}")


def _rates_table(title: str, rates: Sequence[Rate]) -> Table:
    table = _table(title, "labels", "failures", "rate")
    for rate in rates[:_LISTED]:
        table.add_row(_shown(rate.name), str(rate.labels), str(rate.failures), _percent(rate.share))
    return table


def _print_agreement(report: QaReport, console: Console) -> None:
    console.print("\n[bold]agreement[/bold]")
    for again in report.retests:
        console.print(
            f"{_shown(again.annotator)} after a while, blind: outcome kappa {_number(again.outcome.kappa)} over "
            f"{again.outcome.n}, category {_number(again.category.kappa)} over {again.category.n}, "
            f"onset {_number(again.onset.mean_frames, digits=1)} frames apart",
            soft_wrap=True,
        )
    if report.why_no_agreement:
        console.print(_shown(report.why_no_agreement), soft_wrap=True)
        return
    table = _table("field", "between", "n", "same", "kappa", "AC1", "wanted", left=2)
    notes: list[str] = []
    for item in report.agreements:
        who = "all" if item.coefficient.startswith("Fleiss") else " and ".join(item.raters)
        wanted = "" if item.target is None else f"> {item.target:.2f}"
        hue = "red" if item.is_short else ""
        kappa = _number(item.kappa)
        table.add_row(
            item.field.removeprefix("failure_"),
            _shown(who),
            str(item.n),
            _percent(item.percentage.value),
            f"[{hue}]{kappa}[/]" if hue else kappa,
            _number(item.ac1),
            wanted,
        )
        notes += [note for note in (item.kappa.words, *item.notes) if note]
    console.print(table)
    for note in dict.fromkeys(notes):
        console.print(f"    {_shown(note)}", soft_wrap=True)
    frames = _table("frame", "between", "n", "apart", "in seconds", "within 5", left=2)
    for apart in report.frames:
        frames.add_row(
            apart.field.removeprefix("failure_").removesuffix("_frame"),
            _shown(" and ".join(apart.raters)),
            str(apart.n),
            _number(apart.mean_frames, digits=1),
            _number(apart.mean_s),
            _percent(apart.close.value),
        )
    console.print(frames)


def _print_annotators(report: QaReport, console: Console) -> None:
    console.print(
        "\n[bold]annotators[/bold]: outcomes they said, kappa on these with others, then compared with the detectors"
    )
    columns = ("said", "with others", "differ", "outcome", "category", "onset", "triage", "detail", "overridden")
    table = _table("annotator", *columns)
    for item in report.annotators:
        share = item.disagreement.value
        differ = _percent(share)
        table.add_row(
            _shown(item.annotator),
            str(item.labels),
            "-" if (kappa := report.kappa_with_others(item.annotator)) is None else f"{kappa:.2f}",
            f"[red]{differ}[/]" if share is not None and share > MOST_DISAGREEMENT else differ,
            _number(item.outcome.kappa),
            _number(item.category.kappa),
            "-" if item.onset.mean_frames.value is None else f"{item.onset.mean_frames.value:.1f} fr",
            *(_seconds(item.stages[stage][1]) for stage in (Stage.TRIAGE, Stage.DETAIL)),
            _overridden(item),
        )
    console.print(table)


def _overridden(item: AnnotatorReport) -> str:
    kept = sum(one.kept for one in item.overrides)
    changed = sum(one.changed for one in item.overrides)
    return _percent(changed / (kept + changed)) if kept + changed else "-"


def _print_consistency(report: QaReport, console: Console) -> None:
    consistency = report.given.consistency
    console.print("\n[bold]labels against signals[/bold]")
    console.print(
        f"{_count(consistency.labels, 'label')} compared, {_count(len(consistency.found), 'contradiction')}"
        + (f", {consistency.num_decided} of them decided in the review" if consistency.num_decided else "")
        + (
            f"; {_count(consistency.not_judged, 'episode')} not judged by the detectors"
            if consistency.not_judged
            else ""
        ),
        soft_wrap=True,
    )
    if consistency.not_judged:
        console.print(f"    the others: failview detect {_shown(report.given.dataset)}", soft_wrap=True)


def _print_causes(report: QaReport, console: Console) -> None:
    if report.clusters:
        table = _table("what failed", "proximal cause", "failures", "impact", "preventable", left=2)
        for item in report.clusters[:_TOP]:
            cause = item.cause or "not said"
            shown = (_shown(item.subcategory or "not said"), _shown(cause), str(item.count), str(item.impact))
            table.add_row(*shown, _percent(item.preventable_share))
        console.print("\n[bold]causes[/bold], by impact")
        console.print(table)
    if report.confusions:
        table = _table("taken for each other", "", "people", "detectors", left=2)
        for confusion in report.confusions[:_TOP]:
            names = (_shown(confusion.one), _shown(confusion.other))
            table.add_row(*names, str(confusion.people), str(confusion.detectors))
        console.print(table)


def _print_found(found: Sequence[Finding], request: QaRequest, console: Console) -> None:
    console.print()
    if not found:
        console.print("[green]✓[/green] nothing to mend")
        return
    wrong = sum(item.is_wrong for item in found)
    console.print(f"[bold]found[/bold]: {wrong} to mend, {len(found) - wrong} to look at")
    for item in found[:_LISTED]:
        sign = "[red]✗[/red]" if item.is_wrong else "[yellow]·[/yellow]"
        console.print(f"{sign} {_shown(item.words)}", soft_wrap=True)
        if command := request.command(item):
            console.print(f"    {_shown(command)}", soft_wrap=True)
    if len(found) > _LISTED:
        console.print(f"… and {len(found) - _LISTED} more (--html FILE or --json lists all)")


def _table(first: str, *others: str, left: int = 1) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, name in enumerate((first, *others)):
        table.add_column(name, justify="left" if number < left else "right", no_wrap=number < left)
    return table


def _number(item: Estimate, digits: int = 2) -> str:
    if item.value is None:
        return "-"
    interval = "" if item.low is None else f" ({item.low:.{digits}f}–{item.high:.{digits}f})"  # noqa: RUF001
    return f"{item.value:.{digits}f}{interval}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f} s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shown(text: object) -> str:
    """Text from outside on one line, whatever characters it holds."""
    line = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in str(text))
    return escape(line)
