"""What `failview detect` found, for people."""

import shlex
from collections import Counter
from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from failview.detectors.requirements import REQUIREMENTS
from failview.model.annotation import Outcome
from failview.model.detection import EpisodeFindings, FieldProposal, ProposedField
from failview.proposals.detection_run import DetectionResult

_LISTED = 200
_WIDE = 110
"""Columns below which the reasons would be broken into pieces."""

_STYLES = {Outcome.SUCCESS.value: "green", Outcome.FAILURE.value: "red", Outcome.PARTIAL_SUCCESS.value: "yellow"}


def print_result(result: DetectionResult, dataset: str, console: Console) -> None:
    """Episodes one by one, the sum, what could not be judged and why, and what to do next."""
    console.print(_episode_table(result, narrow=console.width < _WIDE))
    _print_sum(result, console)
    _print_not_judged(result, console)
    if result.notice:
        console.print(f"[yellow]![/yellow] {escape(result.notice)}", soft_wrap=True)
    console.print(f"\nnext: failview open {escape(shlex.quote(dataset))} --stage triage", soft_wrap=True)


def _episode_table(result: DetectionResult, *, narrow: bool) -> Table:
    """One line per episode; in a narrow window without the reasons, which `failview open` shows."""
    table = Table(title="Episodes", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("episode", no_wrap=True)
    table.add_column("proposed", no_wrap=True)
    table.add_column("subcategory", no_wrap=True)
    table.add_column("onset", justify="right")
    table.add_column("confidence", justify="right")
    if not narrow:
        table.add_column("why", overflow="fold")
    for findings in list(result.findings.values())[:_LISTED]:
        problem = result.problems.get(findings.episode_id)
        if problem is not None:
            cells: tuple[str, ...] = ("[yellow]not judged[/yellow]", "", "", "", escape(problem))
        else:
            cells = _cells(findings)
        table.add_row(escape(findings.episode_id), *(cells[:-1] if narrow else cells))
    if len(result.findings) > _LISTED:
        table.add_row(f"… and {len(result.findings) - _LISTED} more (--json lists all)")
    return table


def _cells(findings: EpisodeFindings) -> tuple[str, str, str, str, str]:
    proposal = findings.proposal
    outcome = proposal.get(ProposedField.OUTCOME)
    if outcome is None:
        return "[dim]nothing[/dim]", "", "", "", escape(next(iter(findings.not_judged.values()), ""))
    subcategory = proposal.get(ProposedField.SUBCATEGORY)
    onset = proposal.get(ProposedField.ONSET)
    telling = subcategory if subcategory is not None and subcategory.value is not None else outcome
    surest = min(outcome.confidence, telling.confidence)
    words = str(outcome.value)
    return (
        f"[{_STYLES.get(words, 'default')}]{escape(words)}[/]",
        _shown(subcategory),
        _shown(onset),
        f"{surest:.2f}",
        escape(telling.evidence),
    )


def _shown(field: FieldProposal | None) -> str:
    return "" if field is None or field.value is None else escape(str(field.value))


def _print_sum(result: DetectionResult, console: Console) -> None:
    outcomes = Counter(_value(findings.proposal, ProposedField.OUTCOME) for findings in result.findings.values())
    subcategories = Counter(
        _value(findings.proposal, ProposedField.SUBCATEGORY)
        for findings in result.findings.values()
        if _value(findings.proposal, ProposedField.OUTCOME) not in {"", Outcome.SUCCESS.value}
    )
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in outcomes.most_common() if name]
    without = outcomes[""] - len(result.problems)
    parts += [f"{without} without a proposal"] if without else []
    parts += [f"{len(result.problems)} not judged"] if result.problems else []
    known = f", {result.known_before} known from before" if result.known_before else ""
    console.print(f"{len(result.findings)} episodes in {result.seconds:.1f} s{known}: {', '.join(parts)}")
    if subcategories:
        shown = ", ".join(f"{name or 'no subcategory'} {count}" for name, count in subcategories.most_common())
        console.print(f"failures: {escape(shown)}", soft_wrap=True)


def _value(proposal: Mapping[ProposedField, FieldProposal], field: ProposedField) -> str:
    found = proposal.get(field)
    return "" if found is None or found.value is None else str(found.value)


def _print_not_judged(result: DetectionResult, console: Console) -> None:
    judged = [findings for key, findings in result.findings.items() if key not in result.problems]
    for requirement in REQUIREMENTS:
        reasons = Counter(
            item.not_judged[requirement.detector] for item in judged if requirement.detector in item.not_judged
        )
        for reason, _ in reasons.most_common(1):
            total = sum(reasons.values())
            where = "in every episode" if total == len(result.findings) else f"in {total} of {len(result.findings)}"
            others = f" (and {len(reasons) - 1} other reasons)" if len(reasons) > 1 else ""
            line = f"{requirement.detector}: not judged {where}: {reason}{others}"
            console.print(f"[yellow]![/yellow] {escape(line)}", soft_wrap=True)
