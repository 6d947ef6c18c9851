"""Detectors over a dataset: remembered, resumed, never stopped by one episode."""

import hashlib
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import pytest
from distributed import LocalCluster

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.model.detection import ProposedField
from failview.proposals import findings_file, judging_key, spreading
from failview.proposals.findings_file import read_arrays, read_findings
from failview.proposals.spreading import Workers
from failview.sidecars import location
from tests.fakes import fake_detectors
from tests.loaders.write_tables import recording, write_csv
from tests.proposals.judged import FAKE, judge, write_demos

ALL = ["demo_0", "demo_1", "demo_2"]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def demos(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "demos.hdf5")


def outcomes(result: object) -> list[object]:
    return [found.proposal[ProposedField.OUTCOME].value for found in result.findings.values()]


def test_every_episode_is_judged_in_the_light_of_all(demos: Path) -> None:
    before = sha256(demos)
    result = judge(demos)
    assert list(result.findings) == ALL
    assert outcomes(result) == ["failure", "success", "success"]
    assert result.findings["demo_0"].detections[0].kind == "grasp.slip"
    assert (result.problems, result.known_before, result.notice) == ({}, 0, "")
    assert sha256(demos) == before
    folder = demos.with_name("demos.hdf5.failview")
    assert sorted(item.name for item in folder.iterdir()) == [f"{key}.detections.npz" for key in ALL] + [
        "detections.json"
    ]
    arrays, _ = read_arrays(folder / "demo_1.detections.npz")
    assert arrays["fake.aperture_m"].shape == (12,)


def test_the_second_run_looks_at_nothing(demos: Path) -> None:
    first = judge(demos)
    assert fake_detectors.looked == ALL
    files = {item: item.stat().st_mtime_ns for item in demos.with_name("demos.hdf5.failview").iterdir()}
    second = judge(demos)
    assert fake_detectors.looked == []
    assert second.known_before == 3
    assert outcomes(second) == outcomes(first)
    assert {item: item.stat().st_mtime_ns for item in files} == files
    judge(demos, force=True)
    assert fake_detectors.looked == ALL


def test_other_settings_judge_again(demos: Path) -> None:
    judge(demos)
    profile = demos.with_name("other.toml")
    profile.write_text('[detectors]\n"grasp.turn_deg" = 20\n', encoding="utf-8")
    judge(demos, profile=profile)
    assert fake_detectors.looked == ALL
    judge(demos, profile=profile)
    assert fake_detectors.looked == []


def test_changed_content_is_judged_again_and_the_rest_is_not(demos: Path) -> None:
    judge(demos)
    with h5py.File(demos, "r+") as file:
        del file["data/demo_1/obs/robot0_eef_pos"]
    judge(demos)
    assert fake_detectors.looked == ["demo_1"]


def test_another_rate_is_judged_again(demos: Path) -> None:
    judge(demos)
    with h5py.File(demos, "r+") as file:
        file["data"].attrs["control_freq_hz"] = 10.0
    judge(demos)
    assert fake_detectors.looked == list(ALL)


def test_a_library_that_was_installed_since_judges_again(demos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(judging_key, "find_spec", lambda name: None)
        judge(demos)
    judge(demos)
    assert fake_detectors.looked == list(ALL)


def test_a_file_that_was_only_copied_is_recognised_by_its_content(demos: Path, tmp_path: Path) -> None:
    judge(demos)
    away = tmp_path / "away"
    away.mkdir()
    shutil.copytree(demos.with_name("demos.hdf5.failview"), away / "demos.hdf5.failview")
    shutil.copyfile(demos, away / "demos.hdf5")
    assert outcomes(judge(away / "demos.hdf5")) == ["failure", "success", "success"]
    assert fake_detectors.looked == []
    assert judge(away / "demos.hdf5").known_before == 3


def test_a_new_episode_changes_what_is_usual_for_all(demos: Path) -> None:
    judge(demos)
    write_demos(demos, ("", "", "", "", "", ""))
    result = judge(demos)
    assert fake_detectors.looked == ["demo_3", "demo_4", "demo_5"]
    assert outcomes(result) == ["failure"] * 3 + ["success"] * 3


def test_a_broken_episode_stops_no_other(tmp_path: Path) -> None:
    demos = write_demos(tmp_path / "demos.hdf5", ("", "fail", ""))
    result = judge(demos)
    assert set(result.problems) == {"demo_1"}
    reasons = result.findings["demo_1"].not_judged
    assert set(reasons) >= {"grasp", "collision", "task_success"}
    assert "this episode makes no sense" in reasons["grasp"]
    assert result.findings["demo_2"].proposal
    judge(demos)
    assert fake_detectors.looked == ["demo_1"]


def test_an_episode_that_kills_its_process_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_ALONE_S", 0.0)
    monkeypatch.setattr(spreading, "_NOT_WORTH_S", 0.0)
    tasks = tuple("kill" if number == 30 else "" for number in range(40))
    demos = write_demos(tmp_path / "demos.hdf5", tasks, frames=3)
    result = judge(demos, workers=Workers(jobs=2))
    assert list(result.findings) == [f"demo_{number}" for number in range(40)]
    assert set(result.problems) == {"demo_30"}
    assert "died" in result.findings["demo_30"].not_judged["grasp"]


@pytest.mark.parametrize("name", ALL)
def test_damaged_results_are_computed_again(demos: Path, name: str) -> None:
    judge(demos)
    file = demos.with_name("demos.hdf5.failview") / f"{name}.detections.npz"
    file.write_bytes(file.read_bytes()[:-30])
    assert outcomes(judge(demos)) == ["failure", "success", "success"]
    assert fake_detectors.looked == [name]


def test_a_first_look_that_rots_is_made_anew(demos: Path) -> None:
    judge(demos)
    folder = demos.with_name("demos.hdf5.failview")
    file = folder / "demo_1.detections.npz"
    with zipfile.ZipFile(file) as archive:
        place = archive.getinfo("look.npy").header_offset + 200
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    (folder / "detections.json").unlink()
    result = judge(demos)
    assert result.problems == {}
    assert fake_detectors.looked == ["demo_1"]
    assert judge(demos).known_before == 3


def test_damaged_knowledge_of_the_dataset_is_learnt_again(demos: Path) -> None:
    judge(demos)
    learnt = demos.with_name("demos.hdf5.failview") / "detections.json"
    for content in ("", "{", "[]", '{"version": 1}', '{"version": 1, "inputs": "", "learnt": {"typical_m": "x"}}'):
        learnt.write_text(content, encoding="utf-8")
        assert outcomes(judge(demos)) == ["failure", "success", "success"]
        assert fake_detectors.looked == []


def test_some_episodes_take_what_was_learnt_from_all(demos: Path) -> None:
    alone = judge(demos, episode_ids=("demo_0",))
    assert list(alone.findings) == ["demo_0"]
    assert outcomes(alone) == ["success"]
    judge(demos)
    assert fake_detectors.looked == ["demo_1", "demo_2"]
    assert outcomes(judge(demos, episode_ids=("demo_0",), force=True)) == ["failure"]
    assert fake_detectors.looked == ["demo_0"]


def test_an_unknown_episode_is_one_line(demos: Path) -> None:
    with pytest.raises(DatasetError, match="there is no episode demo_7"):
        judge(demos, episode_ids=("demo_7",))


def test_a_folder_of_tables_holds_the_same_episodes_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    for number in range(3):
        write_csv(folder / f"run_{number}.csv", recording(12, number))
    judge(folder)
    assert sorted(item.name for item in folder.iterdir() if item.suffix == ".npz") == [
        f"run_{number}.csv.detections.npz" for number in range(3)
    ]
    assert (tmp_path / "runs.failview" / "detections.json").is_file()
    again = open_dataset(folder)
    assert [entry.episode_id for entry in again.entries] == ["run_0", "run_1", "run_2"]
    assert not again.warnings
    again.close()
    judge(folder)
    assert fake_detectors.looked == []


def test_a_folder_of_hdf5_files_holds_the_same_episodes_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "sets"
    folder.mkdir()
    write_demos(folder / "a.hdf5")
    write_demos(folder / "b.hdf5")
    result = judge(folder)
    assert list(result.findings) == [f"{part}.{key}" for part in "ab" for key in ALL]
    again = open_dataset(folder)
    assert len(again.entries) == 6
    assert not again.warnings
    again.close()
    judge(folder)
    assert fake_detectors.looked == []


def test_read_only_data_has_its_results_in_a_folder_of_the_users(
    demos: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path_factory.mktemp("user")
    monkeypatch.setattr(location, "_is_writable", lambda folder: False)
    result = judge(demos, user)
    assert "is read-only" in result.notice
    assert [item.name for item in demos.parent.iterdir()] == ["demos.hdf5"]
    assert len(list(user.rglob("*.detections.npz"))) == 3
    judge(demos, user)
    assert fake_detectors.looked == []


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    demos = write_demos(tmp_path / "demos.hdf5", ("",) * 12)
    alone = judge(demos)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        together = judge(demos, force=True, workers=Workers(cluster=cluster.scheduler_address))
    assert fake_detectors.looked == []
    assert outcomes(together) == outcomes(alone)


_RUN = f"""
import sys, time
from pathlib import Path
from tests.fakes import fake_detectors
from tests.proposals import judged
quick = fake_detectors.first_look
def slow(episode, settings):
    if len(fake_detectors.looked) == 2:
        print("two are done", flush=True)
        time.sleep(600)
    return quick(episode, settings)
fake_detectors.first_look = slow
judged.judge(Path(sys.argv[1]))
assert judged.FAKE == "{FAKE}"
"""


def test_what_is_done_before_a_kill_stays_done(demos: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", _RUN, str(demos)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "two are done\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    result = judge(demos)
    assert fake_detectors.looked == ["demo_2"]
    assert (result.known_before, outcomes(result)) == (2, ["failure", "success", "success"])


def test_a_disk_that_is_full_is_told(demos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(findings_file, "replace_computed", full)
    result = judge(demos)
    assert len(result.problems) == 3
    assert "No space left on device" in result.problems["demo_0"]


def test_results_of_another_kind_of_run_do_not_mix(tmp_path: Path) -> None:
    """Learnt from two files together, or from one: what is kept says which."""
    folder = tmp_path / "sets"
    folder.mkdir()
    one = write_demos(folder / "a.hdf5")
    write_demos(folder / "b.hdf5", ("",) * 6)
    file = folder / "a.hdf5.failview" / "demo_0.detections.npz"
    judge(folder)
    together = read_findings(file)
    judge(one)
    alone = read_findings(file)
    assert together is not None
    assert alone is not None
    assert together[0] != alone[0]
