"""The file of the reference clips: never half written, never overwritten when broken, shared by several people."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from failview.errors import SidecarError
from failview.model.taxonomy import ReferenceClip
from failview.sidecars.clip_file import CLIPS_NAME, ClipFile
from tests.sidecar_places import container_location, made_read_only

CLIP = ReferenceClip("demo_1", 88, 97)
OTHER = ReferenceClip("demo_2", 3, 9)
SLIPPED, ROLLED = ("proximal_cause", "grip_force_decayed"), ("proximal_cause", "object_rolled")
STEEP = ("distal_cause", "steep_approach")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "set.failview" / CLIPS_NAME, tmp_path / "home" / CLIPS_NAME


def names_beside(path: Path) -> list[str]:
    return sorted(item.name for item in path.parent.iterdir())


def test_what_is_put_is_read_again(places: tuple[Path, Path]) -> None:
    assert ClipFile(*places).read().clips == {}
    ClipFile(*places).put(SLIPPED, CLIP)
    ClipFile(*places).put(STEEP, OTHER)
    read = ClipFile(*places).read()
    assert (read.clips, read.warnings) == ({SLIPPED: CLIP, STEEP: OTHER}, ())
    assert names_beside(places[0]) == [CLIPS_NAME, f"{CLIPS_NAME}.previous"]


def test_what_others_set_meanwhile_is_kept(places: tuple[Path, Path]) -> None:
    mine, theirs = ClipFile(*places), ClipFile(*places)
    mine.read()
    theirs.put(ROLLED, OTHER)
    assert mine.put(SLIPPED, CLIP).clips == {ROLLED: OTHER, SLIPPED: CLIP}
    assert mine.read().clips == {ROLLED: OTHER, SLIPPED: CLIP}


def test_clips_of_the_other_place_are_read_and_taken_along(places: tuple[Path, Path]) -> None:
    here, there = places
    ClipFile(there, here).put(SLIPPED, OTHER)
    ClipFile(there, here).put(ROLLED, OTHER)
    file = ClipFile(here, there)
    assert file.read().clips == {SLIPPED: OTHER, ROLLED: OTHER}
    file.put(SLIPPED, CLIP)
    assert file.read().clips == {SLIPPED: CLIP, ROLLED: OTHER}
    assert json.loads(here.read_text(encoding="utf-8"))["proximal_cause"].keys() == {SLIPPED[1], ROLLED[1]}


def clip_text(episode: str, start: str, end: str) -> str:
    clip = f'{{"episode_id": {episode}, "start_frame": {start}, "end_frame": {end}}}'
    return f'{{"version": 1, "proximal_cause": {{"object_rolled": {clip}}}}}'


BROKEN = {
    "cut off": '{"version": 1, "proximal_cause": {"object_rolled": {"epis',
    "empty": "",
    "zeros": "\0" * 500,
    "not UTF-8": b"\xff\xfe\x00",
    "deep": "[" * 100_000,
    "a list": "[]",
    "no version": "{}",
    "version in words": '{"version": "1"}',
    "version true": '{"version": true}',
    "causes in a list": '{"version": 1, "distal_cause": []}',
    "clip in a list": '{"version": 1, "proximal_cause": {"object_rolled": [1, 2]}}',
    "no frames": '{"version": 1, "proximal_cause": {"object_rolled": {"episode_id": "demo_1"}}}',
    "frames in words": clip_text('"d"', '"1"', "2"),
    "half frames": clip_text('"d"', "1.5", "2"),
    "backwards": clip_text('"d"', "5", "2"),
    "before the start": clip_text('"d"', "-5", "2"),
    "no episode": clip_text('""', "1", "2"),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_set_aside_and_named_in_one_line(places: tuple[Path, Path], content: str | bytes) -> None:
    path = places[0]
    path.parent.mkdir()
    broken = content.encode() if isinstance(content, str) else content
    path.write_bytes(broken)
    read = ClipFile(*places).read()
    assert read.clips == {}
    (warning,) = read.warnings
    assert warning.startswith(f"{path} is broken (")
    assert warning.endswith(f"it is kept as {CLIPS_NAME}.broken-1")
    assert "\n" not in warning
    assert path.with_name(f"{CLIPS_NAME}.broken-1").read_bytes() == broken
    ClipFile(*places).put(SLIPPED, CLIP)
    assert ClipFile(*places).read().clips == {SLIPPED: CLIP}
    assert path.with_name(f"{CLIPS_NAME}.broken-1").read_bytes() == broken


def test_the_version_before_a_broken_one_is_used(places: tuple[Path, Path]) -> None:
    file = ClipFile(*places)
    file.put(SLIPPED, CLIP)
    file.put(ROLLED, OTHER)
    places[0].write_text("{", encoding="utf-8")
    read = file.read()
    assert read.clips == {SLIPPED: CLIP}
    assert read.warnings[0].endswith("and the version before it is used")


def test_a_file_that_breaks_while_we_work_is_not_overwritten(places: tuple[Path, Path]) -> None:
    file = ClipFile(*places)
    file.put(SLIPPED, CLIP)
    places[0].write_text("not ours", encoding="utf-8")
    written = file.put(ROLLED, OTHER)
    assert len(written.warnings) == 1
    assert places[0].with_name(f"{CLIPS_NAME}.broken-1").read_text(encoding="utf-8") == "not ours"
    assert file.read().clips == {ROLLED: OTHER}


def test_a_newer_file_is_left_alone(places: tuple[Path, Path]) -> None:
    places[0].parent.mkdir()
    places[0].write_text('{"version": 2, "proximal_cause": 1}', encoding="utf-8")
    file = ClipFile(*places)
    (warning,) = file.read().warnings
    assert "newer failview" in warning
    with pytest.raises(SidecarError, match="newer failview"):
        file.put(SLIPPED, CLIP)
    assert places[0].read_text(encoding="utf-8") == '{"version": 2, "proximal_cause": 1}'
    assert names_beside(places[0]) == [CLIPS_NAME]


def test_a_folder_in_its_place_is_no_crash(places: tuple[Path, Path]) -> None:
    places[0].mkdir(parents=True)
    file = ClipFile(*places)
    assert len(file.read().warnings) == 1
    with pytest.raises(SidecarError, match="the clip is not kept"):
        file.put(SLIPPED, CLIP)


def test_read_only_data_has_its_clips_in_the_user_folder(tmp_path: Path) -> None:
    data, home = tmp_path / "data", tmp_path / "home"
    data.mkdir()
    (data / "set.hdf5").touch()
    with made_read_only(data):
        location = container_location(data / "set.hdf5", user_root=home)
        ClipFile(*location.companions_of_dataset(CLIPS_NAME)).put(SLIPPED, CLIP)
        assert [path.name for path in data.iterdir()] == ["set.hdf5"]
    location = container_location(data / "set.hdf5", user_root=home)
    assert ClipFile(*location.companions_of_dataset(CLIPS_NAME)).read().clips == {SLIPPED: CLIP}


def put_until_killed(folder: Path, cause: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).with_name("clip_target.py")), str(folder), cause]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_killed_at_any_moment_every_confirmed_clip_is_there(tmp_path: Path, nightly: bool) -> None:
    """Two people set clips at the same time, and both are killed."""
    chance = random.Random(11)
    confirmed = {"mine": 0, "theirs": 0}
    path = tmp_path / CLIPS_NAME
    for _ in range(60 if nightly else 6):
        processes = {cause: put_until_killed(tmp_path, cause) for cause in confirmed}
        for cause, process in processes.items():
            assert process.stdout is not None
            assert process.stderr is not None
            first = process.stdout.readline()
            assert first, process.stderr.read().decode()
            confirmed[cause] = int(first)
        # Not a wait for a condition: the moment of the kill is what is varied here.
        time.sleep(chance.random() * 0.05)
        for cause, process in processes.items():
            process.kill()
            with process:
                rest = process.stdout.read().split(b"\n")[:-1]
            confirmed[cause] = int(rest[-1]) if rest else confirmed[cause]
        read = ClipFile(path, tmp_path / "elsewhere" / CLIPS_NAME).read()
        assert read.warnings == ()
        for cause, frame in confirmed.items():
            assert read.clips["proximal_cause", cause].end_frame >= frame
    ClipFile(path, tmp_path / "elsewhere" / CLIPS_NAME).put(SLIPPED, CLIP)
    assert names_beside(path) == [CLIPS_NAME, f"{CLIPS_NAME}.previous"], "nothing is left behind"
    assert sum(confirmed.values()) > 20, "the processes lived long enough to set something"
