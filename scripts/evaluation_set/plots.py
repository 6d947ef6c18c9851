"""One picture per episode, to judge by eye whether its physics is plausible."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from evaluation_set.recording import WORLD, Recording

MARKS: Final = (
    ("failure_onset_frame", "red"), ("failure_obvious_frame", "orange"), ("recovery_start_frame", "green"),
    ("recovery_end_frame", "green"),
)  # fmt: skip


def _rows(recording: Recording) -> dict[str, np.ndarray]:
    obs = recording.obs
    tracking = np.linalg.norm(obs["robot0_eef_pos_cmd"] - obs["robot0_eef_pos"], axis=1)
    return {
        "aperture mm": obs["robot0_gripper_width"] * 1e3,
        "finger force N": obs["robot0_gripper_finger_force"],
        "object xyz cm": (obs["object_pos"] - WORLD) * 100,
        "goal distance cm": 100 * np.linalg.norm(obs["object_pos"] - obs["goal_pos"], axis=1),
        "hand xyz cm": (obs["robot0_eef_pos"] - WORLD) * 100,
        "tracking mm": tracking * 1e3,
        "wrist force N": obs["robot0_ee_force"],
        "joint torque Nm": obs["robot0_joint_torque"],
        "joint velocity": obs["robot0_joint_vel"],
    }


def signal_plot(path: Path, recording: Recording, truth: dict[str, Any]) -> None:
    """Write one PNG with the signals, the phases and the truth's frames."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy, and only needed here

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    rows = _rows(recording)
    figure, axes = plt.subplots(len(rows), 1, sharex=True, figsize=(7, 10), layout="constrained")
    for axis, (name, values) in zip(axes, rows.items(), strict=True):
        axis.plot(values, linewidth=0.8)
        axis.set_ylabel(name, fontsize=6)
        axis.tick_params(labelsize=6)
        for phase in truth["phases"]:
            axis.axvline(phase["start_frame"], color="0.85", linewidth=0.6)
        for key, colour in MARKS:
            if truth[key] is not None:
                axis.axvline(truth[key], color=colour, linewidth=1)
        for interval in truth["abnormal_jerk_intervals"]:
            axis.axvspan(interval["start_frame"], interval["end_frame"], color="violet", alpha=0.25)
    title = (
        f"{truth['kind']}/{truth['variant']} ({truth['object']}): {truth['outcome']}, {truth['failure_subcategory']}"
    )
    axes[0].set_title(title, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=60)
    plt.close(figure)
