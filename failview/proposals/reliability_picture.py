"""The reliability curve as a picture: how often proposals of each confidence are right, before and after."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from failview.detectors.calibration.scores import Bin, Scores
from failview.errors import DatasetError
from failview.model.detection import ProposedField

SUFFIXES = (".png", ".svg")

_SHOWN = {ProposedField.OUTCOME: ("outcome", "#1f77b4"), ProposedField.SUBCATEGORY: ("subcategory", "#d95f02")}
_LEAST_POINT, _POINT_PER_EPISODE = 12.0, 6.0


def write_reliability(path: Path, before: Scores, after: Scores) -> None:
    """Draw the curves.

    Raises:
        DatasetError: Neither PNG nor SVG, or the file cannot be written.
    """
    require_picture_name(path)
    figure = Figure(figsize=(9.0, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharey=True)
    _draw(left, before, "before")
    _draw(right, after, "after, cross-validated")
    left.set_ylabel("share that is right")
    figure.suptitle(f"How often proposals are right, by their confidence ({before.episodes} labelled episodes)")
    try:
        figure.savefig(path, dpi=120, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    except OSError as error:
        raise DatasetError(f"the picture cannot be written ({error.strerror})", where=path) from error


def require_picture_name(path: Path) -> None:
    """Refuse what is no picture, or has no folder to lie in: before the work, not after it.

    Raises:
        DatasetError: Neither PNG nor SVG, or there is no such folder.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise DatasetError("the picture must be PNG or SVG", where=path, hint="Name it reliability.png")
    if not path.parent.is_dir():
        raise DatasetError("there is no such folder for the picture", where=path.parent, hint="Make it first")


def _draw(axes: Axes, scores: Scores, title: str) -> None:
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, linestyle="--", label="as sure as right")
    for number, (name, (words, colour)) in enumerate(_SHOWN.items()):
        shift = (8, 6) if number else (-14, -14)
        _curve(axes, scores.reliability.get(name.value, ()), (f"{words}, {_brier(scores, name)}", colour), shift)
    axes.set(title=title, xlabel="confidence", xlim=(0, 1.06), ylim=(-0.05, 1.1))
    axes.set_aspect("equal")
    axes.grid(color="0.92")
    axes.legend(loc="lower right", fontsize=8, frameon=False)


def _brier(scores: Scores, name: ProposedField) -> str:
    value = scores.brier.get(name.value)
    return "nothing proposed" if value is None else f"Brier {value:.3f}"


def _curve(axes: Axes, bins: Sequence[Bin], shown: tuple[str, str], shift: tuple[int, int]) -> None:
    """One curve with the number of proposals at every point; `shown` is label and colour, `shift` is in points."""
    label, colour = shown
    confidences, right = [item.confidence for item in bins], [item.right for item in bins]
    axes.plot(confidences, right, color=colour, linewidth=1.5, label=label)
    sizes = [_LEAST_POINT + _POINT_PER_EPISODE * item.count**0.5 for item in bins]
    axes.scatter(confidences, right, s=sizes, color=colour, alpha=0.7, zorder=3)
    for item in bins:
        place = (item.confidence, item.right)
        axes.annotate(str(item.count), place, textcoords="offset points", xytext=shift, fontsize=7, color=colour)
