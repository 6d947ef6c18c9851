"""The report as one page that needs nothing else: no network, no script; for a desk, a phone and paper."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from failview.model.annotation import Outcome
from failview.quality import plots
from failview.quality.annotators import MOST_DISAGREEMENT
from failview.quality.confusions import meaning
from failview.quality.distribution import EXPECTED, THIRDS
from failview.quality.estimate import Estimate
from failview.quality.findings import Finding
from failview.quality.frame_agreement import CLOSE_FRAMES
from failview.quality.report import CATEGORY_KAPPA, OUTCOME_KAPPA, QaReport

OpenAt = Callable[[str, int, str], str]
"""(episode id, frame, annotator) to the command that opens it."""

_AT_ONCE = 30
_LISTED = 300
"""Rows of a list; the rest is counted, and in the JSON."""

_LISTED_PAIRS = 12


@dataclass(frozen=True)
class Tile:
    """One of the figures at the top."""

    title: str
    value: str
    words: str
    hue: str = ""


def page(report: QaReport, found: Sequence[Finding], open_at: OpenAt, made_at: str) -> str:
    """The page.

    Args:
        report: What it says.
        found: What is wrong, or worth a look.
        open_at: Command that opens an episode.
        made_at: When it was made, for people.
    """
    environment = Environment(
        loader=PackageLoader("failview.quality", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": _number,
        "percent": _percent,
        "words": _words,
        "seconds": _seconds,
        "counted": _count,
    }
    template = environment.get_template("report.html.j2")
    return template.render(
        report=report,
        given=report.given,
        spread=report.distribution,
        consistency=report.given.consistency,
        found=found[:_LISTED],
        at_once=_AT_ONCE,
        by_rule=Counter(item.contradiction.rule for item in report.given.consistency.found).most_common(),
        found_more=max(0, len(found) - _LISTED),
        wrong=sum(item.is_wrong for item in found),
        command=lambda item: open_at(item.episode_id, item.frame, item.annotator) if item.episode_id else "",
        open_at=open_at,
        tiles=_tiles(report, found),
        plots=_plots(report),
        confusions=_confusions(report),
        listed=_LISTED,
        remarks=_remarks(report),
        thirds=list(zip(THIRDS, report.distribution.onset_thirds, strict=True)),
        targets={"outcome": OUTCOME_KAPPA, "category": CATEGORY_KAPPA, "frames": CLOSE_FRAMES, "expected": EXPECTED},
        most_disagreement=MOST_DISAGREEMENT,
        made_at=made_at,
        outcomes=list(Outcome),
    )


def _tiles(report: QaReport, found: Sequence[Finding]) -> list[Tile]:
    wrong = sum(item.is_wrong for item in found)
    rate = report.distribution.overall
    failures = rate.flag.partition(":")[0] or _count(rate.failures, "failure")
    return [
        Tile("finished labels", f"{report.num_final}", f"of {_count(report.given.num_episodes, 'episode')}"),
        Tile("failure rate", _percent(rate.share), failures, "red" if rate.flag else ""),
        _agreement_tile(report),
        Tile(
            "contradiction" if len(report.given.consistency.found) == 1 else "contradictions",
            str(len(report.given.consistency.found)) if report.given.consistency.labels else "-",
            f"in {_count(report.given.consistency.labels, 'label')} compared with signals",
            "amber" if report.given.consistency.found else "",
        ),
        Tile("to mend", str(wrong), f"and {len(found) - wrong} to look at", "red" if wrong else "green"),
    ]


def _agreement_tile(report: QaReport) -> Tile:
    worst = [item for item in report.agreements if item.target is not None and item.kappa.value is not None]
    if worst:
        item = min(worst, key=lambda one: (one.kappa.value or 0.0) - (one.target or 0.0))
        who = "all" if item.coefficient.startswith("Fleiss") else " and ".join(item.raters)
        words = f"{item.field.removeprefix('failure_')}, {who}; wanted {item.target:.2f}"
        return Tile("lowest kappa", f"{item.kappa.value:.2f}", words, "red" if item.is_short else "green")
    known = [item for item in report.annotators if item.outcome.kappa.value is not None]
    if known:
        one = known[0]
        return Tile("kappa with detectors", f"{one.outcome.kappa.value:.2f}", f"outcome, {one.annotator}")
    return Tile("agreement", "-", report.why_no_agreement or "see below")


def _plots(report: QaReport) -> dict[str, Markup]:
    spread = report.distribution
    drawn = {
        "kappas": plots.kappas([item for item in report.agreements if item.field != "failure_subcategory"]),
        "subcategories": plots.counts(
            list(spread.subcategories), list(spread.subcategories.values()), "failures and partial successes"
        ),
        "tasks": plots.rates(spread.tasks, "task"),
        "objects": plots.rates(spread.objects, "object"),
        "onsets": plots.onsets(spread.onsets),
        "drift": plots.drifts(report.annotators),
        "causes": plots.causes(report.clusters),
    }
    # Made by matplotlib from numbers and names, which it escapes.
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704


def _remarks(report: QaReport) -> list[str]:
    """Why figures about annotators are missing, each reason once with everybody whom it concerns."""
    if not report.given.proposals:
        return ["The detectors have judged none of these episodes: nothing to compare with"]
    reasons: dict[str, list[str]] = {}
    for item in report.annotators:
        if item.outcome.kappa.value is None:
            reasons.setdefault(item.outcome.kappa.words, []).append(item.annotator)
        for drift in item.drifts:
            if drift.words:
                reasons.setdefault(drift.words, []).append(item.annotator)
    return [f"{', '.join(dict.fromkeys(names))}: {reason}" for reason, names in reasons.items()]


def _confusions(report: QaReport) -> list[dict[str, Any]]:
    taxonomy = report.given.taxonomy
    return [
        {"item": item, "one": meaning(taxonomy, item.one), "other": meaning(taxonomy, item.other)}
        for item in report.confusions[:_LISTED_PAIRS]
    ]


def _number(item: Estimate, digits: int = 2) -> str:
    if item.value is None:
        return "-"
    interval = "" if item.low is None else f" ({item.low:.{digits}f} to {item.high:.{digits}f})"
    return f"{item.value:.{digits}f}{interval}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f} s"


def _words(name: str) -> str:
    return name.removeprefix("failure_").replace("_", " ") or "not said"
