"""What `failview status` found, for people; fits 80 columns."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from failview.cli.status_report import StatusReport
from failview.session.work.work_progress import StageProgress, WorkProgress

_LISTED = 20
_MINUTE_S, _HOUR_S = 60, 3600
_SECONDS_UP_TO_S, _MINUTES_UP_TO_S = 10 * _MINUTE_S, 2 * _HOUR_S


def print_status(report: StatusReport, console: Console) -> None:
    """Stages, what was found so far, what is missing, and what to do next."""
    console.print(f"{_shown(report.request.dataset)}: {_count(report.num_episodes, 'episode')}", soft_wrap=True)
    for progress in report.annotators:
        console.print(f"\nannotator: [bold]{_shown(progress.annotator)}[/bold]")
        console.print(_stage_table(progress))
        _print_found(progress, console)
        console.print(f"next: {_shown(report.next_command(progress))}", soft_wrap=True)
    console.print()
    if report.others:
        console.print(f"others with sidecars here: {_shown(', '.join(report.others))}")
    _print_proposals(report, console)
    _print_not_counted(report, console)


def _stage_table(progress: WorkProgress) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("stage", no_wrap=True)
    for name in ("due", "done", "left", "median", "mean", "time left"):
        table.add_column(name, justify="right", no_wrap=True)
    for stage, found in progress.stages.items():
        table.add_row(stage.value, *_cells(found))
    return table


def _cells(progress: StageProgress) -> tuple[str, ...]:
    estimated_left_s = progress.estimated_left_s
    time_left = "not known yet" if estimated_left_s is None else _duration(estimated_left_s) if progress.left else "-"
    return (
        str(progress.due),
        str(progress.done),
        str(progress.left),
        "-" if progress.median_s is None else _duration(progress.median_s),
        "-" if progress.mean_s is None else _duration(progress.mean_s),
        time_left,
    )


def _print_found(progress: WorkProgress, console: Console) -> None:
    if progress.failure_rate is not None:
        said = [f"{count} {outcome.value.replace('_', ' ')}" for outcome, count in progress.outcomes.items() if count]
        console.print(f"outcomes: {', '.join(said)}; failure rate {progress.failure_rate:.0%}")
    if progress.subcategories:
        kinds = [f"{name or 'no subcategory yet'} {count}" for name, count in progress.subcategories.items()]
        console.print(f"failed: {_shown(', '.join(kinds))}")
    open_points = [
        f"{_count(progress.re_reviews_due, 're-review')} due" if progress.re_reviews_due else "",
        f"{_count(progress.begun, 'episode')} begun, nothing finished" if progress.begun else "",
        f"{_count(progress.without_sidecar, 'episode')} without a sidecar" if progress.without_sidecar else "",
    ]
    if any(open_points):
        console.print("; ".join(filter(None, open_points)))


def _print_proposals(report: StatusReport, console: Console) -> None:
    missing = report.num_episodes - report.num_judged
    console.print(f"proposals: {report.num_judged} of {_count(report.num_episodes, 'episode')} judged by the detectors")
    if missing and report.num_judged:
        console.print(f"    the others: {_shown(report.detect_command)}", soft_wrap=True)


def _print_not_counted(report: StatusReport, console: Console) -> None:
    if not report.not_counted:
        return
    console.print(f"[yellow]![/yellow] {_count(len(report.not_counted), 'sidecar')} not counted:")
    for item in report.not_counted[:_LISTED]:
        console.print(f"    {_shown(item.path)}: {_shown(item.message)}", soft_wrap=True)
    if len(report.not_counted) > _LISTED:
        console.print(f"    … and {len(report.not_counted) - _LISTED} more (--json lists all)")


def _duration(seconds: float) -> str:
    if seconds < _MINUTE_S:
        return f"{seconds:.1f} s"
    if seconds < _SECONDS_UP_TO_S:
        minutes, rest_s = divmod(round(seconds), _MINUTE_S)
        return f"{minutes} min {rest_s} s"
    if seconds < _MINUTES_UP_TO_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds / _HOUR_S:.1f} h"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shown(text: object) -> str:
    """Text from outside on one line, whatever characters it holds."""
    line = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in str(text))
    return escape(line)
