"""`failview detect` for people and for programs, with the real detectors."""

import json
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import h5py
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from failview.cli import main
from failview.cli.detect import app
from failview.cli.detect_tables import print_result
from failview.errors import ClusterError, DatasetError
from failview.loaders.opening import open_dataset
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.proposals.detection_run import DetectionRequest, detect
from failview.proposals.spreading import Workers
from tests.episodes.synthetic import make_episode

NAMES = {
    Role.GRIPPER_APERTURE: "gripper_width",
    Role.GRIPPER_FORCE: "gripper_force",
    Role.EE_POSITION: "robot0_eef_pos",
    Role.OBJECT_POSITION: "object_position",
    Role.GOAL_POSITION: "goal_position",
}


def add_episode(data: h5py.Group, name: str, episode: Episode) -> None:
    """A synthetic episode as robomimic stores it."""
    demo = data.create_group(name)
    demo["actions"] = np.zeros((episode.num_frames, 7))
    for role, stream in NAMES.items():
        demo.create_dataset(f"obs/{stream}", data=episode.signals[role].values)


def write_slips(path: Path, slip_frames: tuple[int, ...] = (84, 90)) -> Path:
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["control_freq_hz"] = 30.0
        for number, frame in enumerate(slip_frames):
            add_episode(data, f"demo_{number}", make_episode(seed=number, slip_frame=frame, cameras=()))
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_json_for_programs(tmp_path: Path) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    found = json.loads(run(str(path), "--json", "--jobs", "1"))
    assert [episode["episode_id"] for episode in found["episodes"]] == ["demo_0", "demo_1"]
    first = found["episodes"][0]
    proposal = first["proposal"]
    assert proposal["outcome"] == "failure"
    assert abs(proposal["failure_onset_frame"] - 84) <= 5
    for field in ("outcome", "failure_category", "failure_onset_frame"):
        assert 0 <= proposal["confidence"][field] <= 1
        assert proposal["evidence"][field]
    wanted = {"detector", "kind", "start_frame", "end_frame", "confidence", "evidence", "obvious_frame", "measures"}
    assert first["detections"]
    for detection in first["detections"]:
        assert set(detection) == wanted
        assert 0 <= detection["start_frame"] <= detection["end_frame"] < 120
    assert "needs" in first["not_judged"]["workspace"]
    assert found["settings"]["thresholds"]["grasp.turn_deg"]["value"] == 15.0
    assert json.loads(run(str(path), "--json")) == found


def test_tables_for_people(tmp_path: Path) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    shown = run(str(path), "--jobs", "1")
    for text in (
        "demo_1",
        "failure",
        "2 episodes in",
        "failures:",
        "not judged in every episode",
        "next: failview open",
    ):
        assert text in shown
    assert "2 known from before" in run(str(path))


def test_one_episode_and_settings_of_a_profile(tmp_path: Path) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    profile = tmp_path / "p.toml"
    profile.write_text('[detectors]\n"grasp.turn_deg" = 25\n', encoding="utf-8")
    found = json.loads(run(str(path), "--json", "--profile", str(profile), "--episode", "demo_1"))
    assert [episode["episode_id"] for episode in found["episodes"]] == ["demo_1"]
    assert found["settings"]["thresholds"]["grasp.turn_deg"] == {"value": 25.0, "unit": "deg", "source": "profile"}


def test_a_broken_episode_is_told_and_the_others_are_judged(tmp_path: Path) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    with h5py.File(path, "r+") as file:
        file.create_group("data/demo_2").create_dataset("actions", shape=(0, 7), dtype="f8")
    found = json.loads(run(str(path), "--json"))
    assert "has no frames" in found["episodes"][2]["not_judged"]["grasp"]
    assert found["episodes"][0]["proposal"]["outcome"] == "failure"
    assert "1 not judged" in run(str(path))


def test_when_no_episode_can_be_judged_it_could_not_be_done(tmp_path: Path) -> None:
    path = tmp_path / "empty.hdf5"
    with h5py.File(path, "w") as file:
        file.create_group("data/demo_0").create_dataset("actions", shape=(0, 7), dtype="f8")
        file.create_group("data/demo_1").create_dataset("actions", shape=(0, 7), dtype="f8")
    with pytest.raises(DatasetError, match="none of the 2 episodes can be judged"):
        run(str(path))


def test_wrong_words_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    assert main.run(["detect", str(path), "--episode", "demo_9"]) == 2
    assert main.run(["detect", str(path), "--jobs", "-1"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in errors] == ["failview", "failview"]
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        run(str(path), "--cluster", "tcp://127.0.0.1:9")


def test_other_commands_do_not_take_the_results_for_sidecars(tmp_path: Path) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    run(str(path))
    for target in (str(path), f"{path}.failview"):
        assert main.run(["validate", target]) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_a_polite_kill_ends_cleanly_and_what_is_done_stays_done(tmp_path: Path, number: int) -> None:
    path = write_slips(tmp_path / "slips.hdf5", (84,) * 400)
    folder = tmp_path / "slips.hdf5.failview"
    command = [sys.executable, "-m", "failview", "detect", str(path), "--jobs", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while len(list(folder.glob("*.npz")) if folder.is_dir() else []) < 5:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)  # until all of its processes have ended, which hold the pipe too
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert "are done and kept" in errors
    kept = len(list(folder.glob("*.npz")))
    assert 5 <= kept < 400
    assert f"{kept} known from before" in run(str(path), "--jobs", "1")


def test_a_missing_robot_model_is_told(tmp_path: Path) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    (tmp_path / "slips.hdf5.failview.toml").write_text('[robot]\nmodel = "nowhere.urdf"\n', encoding="utf-8")
    ran = CliRunner().invoke(app, [str(path), "--jobs", "1"])
    assert ran.exit_code == 0
    assert "nowhere.urdf: no such robot model" in ran.stderr


def test_a_narrow_table_leaves_the_reasons_out(tmp_path: Path) -> None:
    path = write_slips(tmp_path / "slips.hdf5")
    result = detect(
        open_dataset(path), str(path), DetectionRequest(workers=Workers(1)), lambda _what, steps, _total: steps
    )
    for width, reasons in ((80, False), (160, True)):
        shown = StringIO()
        print_result(result, str(path), Console(file=shown, width=width))
        assert ("why" in shown.getvalue()) is reasons
        assert all(len(line) <= width for line in shown.getvalue().splitlines() if line.startswith("  "))
