"""Contact sheets: what a person sees of each episode at a glance."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

COLUMNS: Final = 4
ROWS: Final = 4
TEXT_BAND: Final = 16  # px
INK: Final = (20, 20, 20)
MARK: Final = (200, 30, 20)


def _moments(count: int, truth: dict[str, Any]) -> list[int]:
    """Frames to show: evenly spread, with onset and obvious among them."""
    marks = [truth[name] for name in ("failure_onset_frame", "failure_obvious_frame") if truth[name] is not None]
    even = np.linspace(0, count - 1, COLUMNS * ROWS - len(marks)).round().astype(int).tolist()
    return sorted({*even, *marks})


def contact_sheet(path: Path, pictures: dict[str, np.ndarray], truth: dict[str, Any]) -> None:
    """Write one PNG with both cameras side by side at a spread of moments."""
    tiles = []
    for frame in _moments(len(pictures["front"]), truth):
        pair = np.hstack([pictures[camera][frame][::2, ::2] for camera in ("front", "wrist")])
        tile = Image.new("RGB", (pair.shape[1], pair.shape[0] + TEXT_BAND), "white")
        tile.paste(Image.fromarray(pair), (0, TEXT_BAND))
        marks = [name for name in ("onset", "obvious") if truth[f"failure_{name}_frame"] == frame]
        ImageDraw.Draw(tile).text((4, 2), f"{frame} {' '.join(marks)}", fill=MARK if marks else INK)
        tiles.append(tile)
    width, height = tiles[0].size
    sheet = Image.new("RGB", (width * COLUMNS, height * -(-len(tiles) // COLUMNS)), "white")
    for number, tile in enumerate(tiles):
        sheet.paste(tile, ((number % COLUMNS) * width, (number // COLUMNS) * height))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def signal_plot(path: Path, features: dict[str, np.ndarray], truth: dict[str, Any]) -> None:
    """Write one PNG with the signals on which the failure must be visible."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy, and only needed here

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    rows = {
        "aperture mm": features["observation.gripper_aperture"] * 1e3,
        "grip force N": features["observation.gripper_force"],
        "object height cm": features["observation.object_position"][:, 2] * 100,
        "distance to goal cm": 100
        * np.linalg.norm(features["observation.object_position"] - features["observation.goal_position"], axis=1),
        "external torque Nm": features["observation.external_torque"],
        "wrench N": features["observation.wrench"][:, :3],
        "joint torque Nm": features["observation.joint_torque"],
        "tracking mm": 1e3
        * np.linalg.norm(features["observation.ee_command"] - features["observation.ee_position"], axis=1),
    }
    figure, axes = plt.subplots(len(rows), 1, sharex=True, figsize=(9, 11), layout="constrained")
    for axis, (name, values) in zip(axes, rows.items(), strict=True):
        axis.plot(values, linewidth=0.9)
        axis.set_ylabel(name, fontsize=7)
        for phase in truth["phases"]:
            axis.axvline(phase["start_frame"], color="0.85", linewidth=0.6)
        for key, colour in (("failure_onset_frame", "red"), ("failure_obvious_frame", "orange"),
                            ("recovery_start_frame", "green"), ("recovery_end_frame", "green")):  # fmt: skip
            if truth[key] is not None:
                axis.axvline(truth[key], color=colour, linewidth=1)
    axes[0].set_title(f"{truth['kind']} ({truth['object']}): {truth['outcome']}", fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=70)
    plt.close(figure)
