"""Draw the figures of the README from the bundled demo dataset.

python scripts/make_figures.py            # writes docs/pictures/*.svg
"""

from pathlib import Path
from typing import Annotated

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import typer
from judged_dataset import judged_dataset
from matplotlib.axes import Axes

from failview.model.detection import EpisodeFindings, ProposedField
from failview.model.episode import Episode
from failview.model.roles import Role

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "failview" / "resources" / "demo" / "pick_place"
SHOWN = ("slip_during_lift", "missed_grasp", "gripper_obstacle")
BLUE, RED, GREY = "#2f6fb2", "#c8453b", "#8a8f98"


def shown() -> dict[str, tuple[Episode, EpisodeFindings]]:
    """The first demo episode of each subcategory, with its findings."""
    judged = judged_dataset(DEMO)
    found: dict[str, tuple[Episode, EpisodeFindings]] = {}
    for name, findings in judged.findings.items():
        named = findings.proposal[ProposedField.SUBCATEGORY].value
        if isinstance(named, str):
            found.setdefault(named, (judged.episodes[name], findings))
    return found


def times_s(episode: Episode, rows: int) -> np.ndarray:
    """Seconds of every row of an array on the working clock of an episode with even frames."""
    return np.linspace(0.0, episode.clock.duration_s or 0.0, rows)


def draw(axes: tuple[Axes, Axes], episode: Episode, findings: EpisodeFindings, title: str) -> None:
    """Aperture and force above, torque residual below; the proposed onset and obvious frame across both."""
    above, below = axes
    aperture = episode.signals[Role.GRIPPER_APERTURE].values[:, 0]
    above.plot(times_s(episode, len(aperture)), 1e3 * aperture, color=BLUE)
    above.set_ylabel("aperture, mm", color=BLUE)
    above.set_ylim(-3, 85)
    force = findings.arrays["grasp.tared_force_n"]
    right = above.twinx()
    right.plot(times_s(episode, len(force)), force, color=RED)
    right.set_ylabel("grip force, N", color=RED)
    right.set_ylim(-0.3, max(4.0, 1.1 * float(force.max())))
    residual = np.abs(findings.arrays["collision.residual_nm"]).max(axis=1)
    below.plot(times_s(episode, len(residual)), residual, color=GREY)
    below.set_ylabel("largest residual, Nm")
    below.set_ylim(0.0, max(5.0, 1.1 * float(residual.max())))
    below.set_xlabel("s")
    for name, style in ((ProposedField.ONSET, "-"), (ProposedField.OBVIOUS, "--")):
        frame = findings.proposal[name].value
        for axis in axes:
            axis.axvline(episode.clock.time_s(int(frame or 0)) or 0.0, color="black", linestyle=style, linewidth=0.9)
    above.set_title(title, fontsize=10)
    for axis in (above, below, right):
        axis.spines["top"].set_visible(False)


def main(out: Annotated[Path, typer.Option(help="Folder of the pictures.")] = ROOT / "docs" / "pictures") -> None:
    """Draw all figures."""
    mpl.use("svg")
    mpl.rcParams.update({"font.size": 8, "svg.hashsalt": "failview", "svg.fonttype": "none"})
    found = shown()
    figure, axes = plt.subplots(2, len(SHOWN), figsize=(10.5, 4.2), sharex="col", height_ratios=(3, 2))
    for column, name in enumerate(SHOWN):
        episode, findings = found[name]
        proposed = findings.proposal[ProposedField.SUBCATEGORY]
        draw(tuple(axes[:, column]), episode, findings, f"{name.replace('_', ' ')} ({proposed.confidence:.2f})")
    figure.tight_layout()
    out.mkdir(parents=True, exist_ok=True)
    figure.savefig(out / "how_failview_decides.svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    print(out / "how_failview_decides.svg")


if __name__ == "__main__":
    typer.run(main)
