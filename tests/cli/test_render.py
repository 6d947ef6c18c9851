"""`failview render` and what it shares with other exports of one file per episode."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import h5py
import pytest

from failview.cli.main import run
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import FRAMES, write_demos, write_lerobot

Capture = pytest.CaptureFixture[str]
NAMES = [f"demo_{number}.mp4" for number in range(5)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "data")


def render(*words: object) -> int:
    return run(["render", *map(str, words)])


def count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_episode_becomes_a_video_of_as_many_frames(source: Path, tmp_path: Path, jobs: int) -> None:
    before = content_hash(source.parent)
    assert render(source, tmp_path / "out", "--jobs", jobs) == 0
    assert sorted(item.name for item in (tmp_path / "out").iterdir()) == NAMES
    assert [count_frames(tmp_path / "out" / name) for name in NAMES] == [FRAMES] * 5
    assert content_hash(source.parent) == before


def test_rendering_twice_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert render(source, tmp_path / name, "--episode", "demo_1", "--episode", "demo_4") == 0
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b")
    assert len(list((tmp_path / "a").iterdir())) == 2


def test_one_episode_into_a_file(source: Path, tmp_path: Path, capsys: Capture) -> None:
    assert render(source, tmp_path / "slip.mp4", "--episode", "demo_1") == 0
    assert count_frames(tmp_path / "slip.mp4") == FRAMES
    capsys.readouterr()
    assert render(source, tmp_path / "all.mp4") == 2
    told = capsys.readouterr().err
    assert "one file for 5 episodes" in told
    assert told.count("\n") == 1


def test_what_is_there_stays_until_told(source: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / NAMES[2]).write_bytes(b"an older video")
    assert render(source, out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["episodes"] == 5
    assert any("1 files were there already" in note for note in told["notes"])
    assert (out / NAMES[2]).read_bytes() == b"an older video"
    assert render(source, out, "--force") == 0
    assert count_frames(out / NAMES[2]) == FRAMES


def test_a_broken_episode_does_not_stop_the_others(source: Path, tmp_path: Path, capsys: Capture) -> None:
    with h5py.File(source, "r+") as file:
        file["data/demo_3/obs/agentview_image"].id.write_direct_chunk((5, 0, 0, 0), b"no gzip at all")
    assert render(source, tmp_path / "out", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["episodes"] == 4
    assert any(note.startswith("demo_3 is left out:") for note in told["notes"])
    assert sorted(item.name for item in (tmp_path / "out").iterdir()) == [name for name in NAMES if "3" not in name]
    assert render(source, tmp_path / "one.mp4", "--episode", "demo_3") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_bad_wishes_are_one_line(source: Path, tmp_path: Path, capsys: Capture) -> None:
    for words, expected in (
        (("--episode", "demo_9"), "there is no episode demo_9"),
        (("--camera", "side"), "no camera side"),
        (("--codec", "vp9"), "vp9"),
    ):
        assert render(source, tmp_path / "out", *words) == 2
        told = capsys.readouterr().err
        assert expected in told
        assert told.count("\n") == 1
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_into_the_dataset_is_refused(tmp_path: Path, capsys: Capture) -> None:
    source = write_lerobot(tmp_path / "data")
    before = content_hash(source)
    assert render(source, source / "more") == 2
    assert "lies in the dataset itself" in capsys.readouterr().err
    assert content_hash(source) == before


def test_a_killed_rendering_leaves_whole_videos_only_and_goes_on(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["render", str(source), str(out), "--jobs", "1"]
    with subprocess.Popen([sys.executable, "-c", f"from failview.cli.main import run; run({words!r})"]) as process:
        while process.poll() is None and not (out.is_dir() and any(out.iterdir())):
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
    for video in out.glob("*.mp4"):
        assert count_frames(video) == FRAMES
    assert render(source, out) == 0
    assert sorted(item.name for item in out.iterdir()) == NAMES
