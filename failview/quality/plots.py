"""Plots of the report as SVG that takes its colours from the page, so that they fit a dark and a light one."""

import io
import re
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from failview.quality.agreement import Agreement
from failview.quality.annotators import AnnotatorReport
from failview.quality.clusters import Cluster
from failview.quality.distribution import FEWEST_FAILURES, MOST_FAILURES, Rate
from failview.quality.drift import Block

_INK, _MUTED, _LINE = "#010101", "#020202", "#030303"
_ACCENT, _RED, _AMBER, _TEAL, _VIOLET, _GREEN = "#040404", "#050505", "#060606", "#070707", "#080808", "#090909"
_OF_PAGE = {
    _INK: "ink",
    _MUTED: "muted",
    _LINE: "line",
    _ACCENT: "accent",
    _RED: "red",
    _AMBER: "amber",
    _TEAL: "teal",
    _VIOLET: "violet",
    _GREEN: "green",
}
"""Colours that nothing else has, each in place of one of the page (`var(--ink)`)."""

_SERIES = (_ACCENT, _VIOLET, _TEAL, _AMBER, _GREEN, _RED)
_WIDTH_IN = 6.4
_ROW_IN = 0.3
_MOST_ROWS = 14
_LONGEST_NAME = 30


def kappas(items: Sequence[Agreement]) -> str:
    """Each coefficient with its interval and its target; empty without any."""
    known = [item for item in items if item.kappa.value is not None][:_MOST_ROWS]
    if not known:
        return ""
    figure, axes = _figure(len(known))
    for row, item in enumerate(known):
        value = item.kappa.value
        assert value is not None
        colour = _RED if item.is_short else _ACCENT
        if item.kappa.low is not None and item.kappa.high is not None:
            axes.plot([item.kappa.low, item.kappa.high], [row, row], color=colour, linewidth=2, alpha=0.5)
        axes.plot(value, row, "o", color=colour, markersize=6)
        if item.target is not None:
            axes.plot([item.target, item.target], [row - 0.35, row + 0.35], color=_MUTED, linewidth=1.5)
    least = min(item.kappa.low if item.kappa.low is not None else item.kappa.value or 0.0 for item in known)
    axes.set_xlim(min(0.0, least - 0.05), 1.02)
    _rows(axes, [f"{item.field.removeprefix('failure_')}: {_who(item)}" for item in known])
    axes.set_xlabel("kappa, 95 % interval; bar: wanted")
    return _svg(figure, "kappas")


def counts(names: Sequence[str], values: Sequence[int], title: str) -> str:
    """How many of each."""
    if not names:
        return ""
    names, values = names[:_MOST_ROWS], values[:_MOST_ROWS]
    figure, axes = _figure(len(names))
    axes.barh(range(len(names)), values, color=_ACCENT, height=0.62)
    for row, value in enumerate(values):
        axes.annotate(str(value), (value, row), xytext=(4, 0), textcoords="offset points", va="center", color=_INK)
    axes.set_xlim(0, max(values) * 1.12)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _rows(axes, [name.replace("_", " ") for name in names])
    axes.set_xlabel(title)
    return _svg(figure, f"counts {title}")


def rates(items: Sequence[Rate], title: str) -> str:
    """Failure rates, with the range that raises no question."""
    known = [item for item in items if item.share is not None][:_MOST_ROWS]
    if len(known) < 2:
        return ""
    figure, axes = _figure(len(known))
    axes.axvspan(100 * FEWEST_FAILURES, 100 * MOST_FAILURES, color=_LINE, alpha=0.45, linewidth=0)
    shares = [100 * (item.share or 0.0) for item in known]
    axes.barh(range(len(known)), shares, color=[_RED if item.flag else _ACCENT for item in known], height=0.62)
    for row, (share, item) in enumerate(zip(shares, known, strict=True)):
        words = f"{share:.0f} % of {item.labels}"
        axes.annotate(words, (share, row), xytext=(4, 0), textcoords="offset points", va="center", color=_INK)
    axes.set_xlim(0, max(70.0, *(1.3 * share for share in shares)))
    _rows(axes, [item.name for item in known])
    axes.set_xlabel(f"failure rate per {title}, %; grey: {FEWEST_FAILURES:.0%} to {MOST_FAILURES:.0%}")
    return _svg(figure, f"rates {title}")


def onsets(positions: Sequence[float]) -> str:
    """Where in their episodes failures begin."""
    if not positions:
        return ""
    figure, axes = _figure(6)
    axes.hist([100 * position for position in positions], bins=[100 * part / 15 for part in range(16)], color=_ACCENT)
    for third in (100 / 3, 200 / 3):
        axes.axvline(third, color=_MUTED, linewidth=1, linestyle="--")
    axes.set_xlim(0, 100)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("onset within the episode, %")
    axes.set_ylabel("failures")
    axes.grid(axis="y", color=_LINE)
    axes.set_axisbelow(True)
    return _svg(figure, "onsets")


def drifts(items: Sequence[AnnotatorReport]) -> str:
    """How much labels differ from what they are compared with, over the order of work; one line each."""
    lines = [
        (f"{item.annotator}, against {drift.against}", drift)
        for item in items
        for drift in item.drifts
        if sum(block.share is not None for block in drift.blocks) > 1
    ][: len(_SERIES)]
    if not lines:
        return ""
    figure, axes = _figure(8)
    for colour, (name, drift) in zip(_SERIES, lines, strict=False):
        points = [
            ((block.first + block.last) / 2, 100 * (block.share or 0.0)) for block in drift.blocks if block.compared
        ]
        axes.plot(*zip(*points, strict=True), color=colour, marker="o", markersize=3.5, linewidth=1.6, label=name)
        unusual = [_point(block) for block in drift.unusual]
        if unusual:
            axes.plot(*zip(*unusual, strict=True), "o", color=_RED, markersize=7, fillstyle="none")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("number of the label (ring: unlike the first 50)")
    axes.set_ylabel("labels that differ, %")
    axes.grid(axis="y", color=_LINE)
    figure.legend(frameon=False, fontsize=9, labelcolor=_INK, loc="outside lower center", ncols=2)
    return _svg(figure, "drift")


def _point(block: Block) -> tuple[float, float]:
    """(number of its middle label, share of labels that differ in %)."""
    return (block.first + block.last) / 2, 100 * (block.share or 0.0)


def causes(items: Sequence[Cluster]) -> str:
    """Clusters by impact; the preventable part of each stands out."""
    shown = items[:_MOST_ROWS]
    if not shown:
        return ""
    figure, axes = _figure(len(shown))
    preventable = [item.impact * (item.preventable_share or 0.0) for item in shown]
    axes.barh(range(len(shown)), [item.impact for item in shown], color=_LINE, height=0.62, label="impact")
    axes.barh(range(len(shown)), preventable, color=_AMBER, height=0.62, label="of it preventable")
    _rows(axes, [f"{item.subcategory or 'not said'} · {item.cause or 'not said'}".replace("_", " ") for item in shown])
    axes.set_xlabel("failures, weighted 1 to 3 by severity")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=9, labelcolor=_INK, loc="lower right")
    return _svg(figure, "causes")


def _figure(rows: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH_IN, 0.75 + _ROW_IN * max(rows, 2)), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(_LINE)
    axes.tick_params(colors=_MUTED, labelcolor=_INK, labelsize=10)
    axes.xaxis.label.set_color(_MUTED)
    axes.yaxis.label.set_color(_MUTED)
    return figure, axes


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [_short(name) for name in names])
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=_LINE)
    axes.set_axisbelow(True)


def _who(item: Agreement) -> str:
    return "all" if item.coefficient.startswith("Fleiss") else " and ".join(item.raters)


def _short(name: str) -> str:
    # A lone $ would begin a formula.
    cut = name if len(name) <= _LONGEST_NAME + 12 else f"{name[: _LONGEST_NAME + 11]}…"
    return cut.replace("$", r"\$")


def _svg(figure: Figure, name: str) -> str:
    """The picture as an element of the page. `name` tells its ids from those of other pictures."""
    content = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}):
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = content.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in _OF_PAGE.items():
        text = text.replace(colour, f"var(--{variable})")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # The page decides how large it is: the view box keeps the proportions.
    return re.sub(
        r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1), count=1
    )
