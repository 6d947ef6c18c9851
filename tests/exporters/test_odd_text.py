"""Text that no file can hold as it is, and names that lead elsewhere, in every export."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from failview.cli.main import run
from failview.loaders import open_dataset
from failview.sidecars.location import SidecarLocation
from tests.exporters.labelled_demos import LABELS, SLIP, label, put, record_of, write_demos
from tests.loaders.write_lerobot import KEY, write_v2

ODD = 'half a pair \ud83d, a zero \x00, <b>"bold"</b> | a pipe, # and a line\nbreak; ' + "word " * 12


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_demos(tmp_path_factory.mktemp("odd") / "data", judged=False)
    dataset = open_dataset(path)
    places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    dataset.close()
    put(SidecarLocation(path, places), record_of("demo_1", replace(SLIP, root_cause=ODD, notes=ODD)))
    return path


@pytest.mark.parametrize("command", ["rlds", "lerobot", "rrd", "cvat", "labelstudio", "table"])
def test_an_export_takes_any_text(source: Path, tmp_path: Path, command: str) -> None:
    assert run(["export", command, str(source), str(tmp_path / "out"), "--json"]) == 0


def test_a_card_and_a_video_take_any_text(source: Path, tmp_path: Path) -> None:
    assert run(["card", str(source), str(tmp_path / "README.md")]) == 0
    assert run(["render", str(source), str(tmp_path / "a.mp4"), "--episode", "demo_1"]) == 0


def test_what_cvat_gets_comes_back(source: Path, tmp_path: Path) -> None:
    assert run(["export", "cvat", str(source), str(tmp_path / "out"), "--episode", "demo_1"]) == 0
    other = write_demos(tmp_path / "other", labelled=False, judged=False)
    assert run(["import", "cvat", str(other), str(tmp_path / "out" / "demo_1.xml"), "--annotator", "ben"]) == 0


@pytest.mark.parametrize("key", ["../../escaped", "/absolute", "observation/images"])
def test_a_camera_key_does_not_lead_out_of_the_export(
    tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_v2(tmp_path / "data" / "arm", (12,) * len(LABELS))
    label(source)
    info = json.loads((source / "meta" / "info.json").read_text())
    info["features"][key] = info["features"].pop(KEY)
    (source / "meta" / "info.json").write_text(json.dumps(info))
    capsys.readouterr()
    assert run(["export", "lerobot", str(source), str(tmp_path / "out" / "arm")]) == 2
    told = capsys.readouterr().err
    assert "is no name for a camera" in told
    assert told.count("\n") == 1
    assert not list((tmp_path / "out").glob("*"))
