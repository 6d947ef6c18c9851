"""The tables of `failview inspect`, for people."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from failview.cli.inspection import Inspection
from failview.cli.profile_advice import profile_lines
from failview.detectors.requirements import REQUIREMENTS
from failview.loaders.dataset import EpisodeReport
from failview.model.episode import RoleAssignment
from failview.model.robot import Robot
from failview.model.roles import ARBITRARY_UNIT, Role

_LISTED_EPISODES = 30
_LISTED_STREAMS = 60
_LISTED_KINDS = 4
_NUMBERS = frozenset({"frames", "Hz", "seconds", "warnings"})
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def print_tables(inspection: Inspection, console: Console) -> None:
    """Print what was found: dataset, episodes, cameras, roles, streams, warnings, detectors."""
    _print_head(inspection, console)
    typical = inspection.typical
    console.print(_episode_table(inspection.reports))
    if typical is not None:
        _print_roles(inspection, console)
        console.print(_stream_table(inspection))
    _print_warnings(inspection, console)
    console.print(_detector_table(inspection))
    if lines := profile_lines(inspection):
        console.print("To let more of them judge, write into the profile what is true of these, without the #:\n")
        console.print("\n".join(f"    {escape(line)}" for line in lines), soft_wrap=True)


def _print_head(inspection: Inspection, console: Console) -> None:
    entries = [report.entry for report in inspection.reports]
    frames = [entry.num_frames for entry in entries]
    console.print(f"[bold]{escape(format(inspection.path))}[/bold]", soft_wrap=True)
    facts = Table.grid(padding=(0, 2))
    facts.add_row("format", inspection.format_name)
    span = f"{min(frames)} to {max(frames)} each, median {median(frames):g}" if len(frames) > 1 else "in all"
    facts.add_row("episodes", f"{len(entries)}, {sum(frames)} frames ({span})")
    tasks = list(dict.fromkeys(entry.task for entry in entries if entry.task))
    shown = "; ".join(tasks[:3]) + (f" and {len(tasks) - 3} more" if len(tasks) > 3 else "")
    facts.add_row("task", escape(shown) or "[dim]not said[/dim]")
    facts.add_row("clock", escape(_clocks(inspection)))
    facts.add_row("cameras", escape(_cameras(inspection.reports)) or "[dim]none[/dim]")
    profile = "none (failview inspect --write-profile writes one)"
    if inspection.typical is not None and inspection.typical.robot is not None:
        facts.add_row("robot", escape(_robot(inspection.typical.robot, inspection.path)))
    elif inspection.robot_advice:
        facts.add_row("robot", escape(inspection.robot_advice))
    facts.add_row("profile", escape(str(inspection.profile) if inspection.profile else profile))
    console.print(facts)


def _robot(robot: Robot, dataset: Path) -> str:
    """Model, frame and joint limits, in rad (m for a sliding joint); how to confirm a model that was only found."""
    limits = [
        f"{name} {low:.2f} to {high:.2f}" if np.isfinite(low) else f"{name} without limits"
        for name, low, high in zip(robot.joint_names, robot.lower, robot.upper, strict=True)
        if name
    ]
    doubt = " (guessed)" if robot.guessed else ""
    shown = f"{robot.path.name}, end effector {robot.ee_frame}{doubt}; joint limits: {', '.join(limits)}"
    if not robot.found:
        return shown
    beside = dataset.parent
    path = robot.path.relative_to(beside) if robot.path.is_relative_to(beside) else robot.path
    confirm = f'to confirm it, write model = "{path.as_posix()}" in [robot] of the profile; model = "" switches it off'
    return f"{shown}. Guessed: it {robot.found}; {confirm}"


def _table(title: str, first: str, *others: str) -> Table:
    """A table whose first column is never broken."""
    table = Table(title=escape(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, overflow="fold", justify="right" if heading in _NUMBERS else "left")
    return table


def _clocks(inspection: Inspection) -> str:
    origins: dict[str, list[float]] = {}
    for report in inspection.reports:
        if report.clock_origin:
            rates = origins.setdefault(report.clock_origin, [])
            rates += [report.entry.rate_hz] if report.entry.rate_hz else []
    parts = []
    for origin, rates in origins.items():
        span = (
            f"{min(rates):.4g}" + (f" to {max(rates):.4g}" if max(rates) - min(rates) > 0.01 else "") if rates else ""
        )
        parts.append(f"{span} Hz, {origin}" if span else origin)
    return "; ".join(parts)


def _cameras(reports: Iterable[EpisodeReport]) -> str:
    counts: dict[str, int] = {}
    total = 0
    for report in reports:
        total += 1
        for name, (width, height) in report.cameras.items():
            shown = f"{name} {width}x{height}"
            counts[shown] = counts.get(shown, 0) + 1
    return ", ".join(
        f"{name}" if count == total else f"{name} (in {count} of {total})" for name, count in counts.items()
    )


def _episode_table(reports: Sequence[EpisodeReport]) -> Table:
    table = _table("Episodes", "episode", "frames", "Hz", "seconds", "task", "warnings")
    for report in reports[:_LISTED_EPISODES]:
        rate_hz, duration_s = report.entry.rate_hz, report.duration_s
        table.add_row(
            escape(report.entry.episode_id),
            str(report.entry.num_frames),
            "?" if rate_hz is None else f"{rate_hz:.4g}",
            "?" if duration_s is None else f"{duration_s:.1f}",
            escape(report.entry.task),
            str(len(report.warnings) or ""),
        )
    _add_rest(table, len(reports) - _LISTED_EPISODES)
    return table


def _add_rest(table: Table, num_more: int) -> None:
    """A last row for what is not listed."""
    if num_more > 0:
        table.add_row(f"… and {num_more} more; --json lists all")


def _print_roles(inspection: Inspection, console: Console) -> None:
    """One table for each way in which streams play roles: the files of a folder may come from different robots."""
    total = len(inspection.reports)
    kinds = inspection.kinds()
    for kind in kinds[:_LISTED_KINDS]:
        first = kind[0].entry.episode_id
        others = f" and {len(kind) - 1} more" if len(kind) > 1 else ""
        where = "" if len(kind) == total else f" in {len(kind)} of {total} episodes: {first}{others}"
        if not kind[0].assignments:
            console.print(f"[bold]No stream has a role{escape(where)}[/bold]\n", soft_wrap=True)
            continue
        console.print(_role_table(kind[0], f"Roles{where}"))
        missing = [role.value for role in Role if role not in kind[0].assignments]
        if missing:
            console.print(f" [dim]no stream found for: {', '.join(missing)}[/dim]\n")
    if len(kinds) > _LISTED_KINDS:
        rest = sum(map(len, kinds[_LISTED_KINDS:]))
        console.print(f" … and others in {rest} of {total} episodes; --json lists all\n")


def _role_table(report: EpisodeReport, title: str) -> Table:
    table = _table(title, "role", "stream", "columns", "unit", "Hz", "why")
    for role in Role:
        assignment = report.assignments.get(role)
        if assignment is None:
            continue
        rate_hz = report.role_rates_hz.get(role)
        table.add_row(
            role.value + (" [red]dead[/red]" if assignment.dead else ""),
            escape(assignment.stream),
            escape(_shortened(assignment.columns)),
            _unit(assignment),
            "?" if rate_hz is None else f"{rate_hz:.4g}",
            escape(assignment.reason),
        )
    return table


def _unit(assignment: RoleAssignment) -> str:
    unit = "[red]arbitrary[/red]" if assignment.unit == ARBITRARY_UNIT else escape(assignment.unit)
    return f"{unit} [yellow]guessed[/yellow]".strip() if assignment.guessed else unit


def _shortened(columns: str) -> str:
    names = columns.split(", ")
    return columns if len(names) <= 6 else f"{', '.join(names[:2])} … {names[-1]} ({len(names)})"


def _stream_table(inspection: Inspection) -> Table:
    streams = inspection.streams()
    table = _table(f"Streams ({len(streams)})", "stream", "one sample", "type", "Hz", "role", "note")
    for stream in streams[:_LISTED_STREAMS]:
        table.add_row(
            escape(stream.stream),
            "x".join(map(str, stream.shape)) or "1",
            stream.dtype,
            "" if stream.rate_hz is None else f"{stream.rate_hz:.4g}",
            ", ".join(inspection.roles_of(stream.stream)),
            escape(stream.note),
        )
    _add_rest(table, len(streams) - _LISTED_STREAMS)
    return table


def _print_warnings(inspection: Inspection, console: Console) -> None:
    """Each kind of warning once: those that differ only in numbers belong together."""
    for warning in inspection.warnings:
        console.print(f"[yellow]![/yellow] {escape(warning)}", soft_wrap=True)
    groups: dict[str, list[tuple[str, str]]] = {}
    for report in inspection.reports:
        for warning in report.warnings:
            groups.setdefault(_NUMBER.sub("#", warning), []).append((report.entry.episode_id, warning))
    for members in groups.values():
        episode_id, warning = members[0]
        if len(members) == len(inspection.reports) > 1 and len({text for _, text in members}) == 1:
            where = "every episode"
        else:
            where = episode_id if len(members) == 1 else f"{episode_id} and {len(members) - 1} more"
        console.print(f"[yellow]![/yellow] {escape(where)}: {escape(warning)}", soft_wrap=True)
    if not groups and not inspection.warnings:
        console.print("no warnings")


def _detector_table(inspection: Inspection) -> Table:
    reasons = inspection.not_judged()
    table = _table("Detectors", "detector", "judges", "with these signals")
    for requirement in REQUIREMENTS:
        reason = reasons.get(requirement.detector)
        shown = "[green]can judge[/green]" if reason is None else f"[yellow]not judged:[/yellow] {escape(reason)}"
        table.add_row(requirement.detector, requirement.judges, shown)
    return table
