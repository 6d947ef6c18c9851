"""Datasets on other machines: tried against servers on loopback and fsspec's memory."""

import contextlib
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import h5py
import numpy as np
import pytest

from failview.cli.main import run
from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.remote.remote_url import as_remote_url
from failview.settings.user_folders import remote_datasets
from failview.sidecars.location import SidecarLocation
from tests.contracts.loader_contract import LoaderContract, content_hash
from tests.loaders.web_server import Broken, Closed, NoPages, WholeFiles, serving
from tests.loaders.write_lerobot import write_v2, write_v3
from tests.loaders.write_replay_buffer import write_buffer, zipped
from tests.loaders.write_robomimic import write_robomimic
from tests.loaders.write_tables import recording, write_csv, write_folder


class _Served(LoaderContract):
    """The loader's promises, kept through a web server."""

    name = ""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Iterator[str]:  # type: ignore[override]
        (tmp_path / "web").mkdir()
        self.write(tmp_path / "web" / self.name)
        with serving(tmp_path / "web") as (address, _):
            yield f"{address}/{self.name}"

    def write(self, path: Path) -> None:
        raise NotImplementedError

    def test_nothing_is_written(self, path: str, tmp_path: Path) -> None:  # type: ignore[override]
        before = content_hash(tmp_path / "web")
        opened = open_dataset(path)
        for entry in opened.entries:
            opened.report(entry.episode_id)
        opened.close()
        assert content_hash(tmp_path / "web") == before


class TestZarrFolder(_Served):
    name = "replay.zarr"

    def write(self, path: Path) -> None:
        write_buffer(path)


class TestZarrZip(_Served):
    name = "replay.zarr.zip"

    def write(self, path: Path) -> None:
        zipped(write_buffer(path.with_name("folder"), zarr_format=3), path)


class TestHdf5(_Served):
    name = "demos.hdf5"

    def write(self, path: Path) -> None:
        write_robomimic(path)


class TestTables(_Served):
    name = "runs"

    def write(self, path: Path) -> None:
        write_folder(path, ".parquet")


class TestLeRobotV2(_Served):
    name = "set"

    def write(self, path: Path) -> None:
        write_v2(path)


class TestLeRobotV3(_Served):
    name = "set"

    def write(self, path: Path) -> None:
        write_v3(path)


def same(address: str, local: Path) -> None:
    """The remote dataset has the episodes, numbers and pictures of the local one."""
    there, here = open_dataset(address), open_dataset(local)
    assert [entry.episode_id for entry in there.entries] == [entry.episode_id for entry in here.entries]
    for entry in here.entries:
        remote, near = there.open_episode(entry.episode_id), here.open_episode(entry.episode_id)
        assert remote.source.fingerprint == near.source.fingerprint
        assert remote.warnings == near.warnings
        for name, camera in near.cameras.items():
            first, second = camera.open_reader(), remote.cameras[name].open_reader()
            frame = entry.num_frames - 1
            np.testing.assert_array_equal(first.read(frame), second.read(frame))
            first.close()
            second.close()
    there.close()
    here.close()


def write_large(path: Path) -> Path:
    """An HDF5 file of 18 MB that cannot be packed."""
    with h5py.File(path, "w") as file:
        for number in range(3):
            demo = file.create_group(f"data/demo_{number}")
            demo["actions"] = np.random.default_rng(number).normal(size=(120, 7))
            pictures = np.random.default_rng(number).integers(0, 255, (120, 128, 128, 3), dtype=np.uint8)
            demo.create_dataset("obs/front_image", data=pictures, chunks=(4, 128, 128, 3))
    return path


def test_parts_alone_are_read(tmp_path: Path) -> None:
    path = write_large(tmp_path / "large.hdf5")
    with serving(tmp_path) as (address, sent):
        opened = open_dataset(f"{address}/large.hdf5")
        opened.open_episode("demo_1").cameras["front"].open_reader().read(20)
        opened.close()
        assert 0 < sent["/large.hdf5"] < 0.6 * path.stat().st_size


def test_a_server_that_only_sends_whole_files(tmp_path: Path) -> None:
    path = write_large(tmp_path / "large.hdf5")
    with serving(tmp_path, WholeFiles) as (address, sent):
        same(f"{address}/large.hdf5", path)
        assert sent["/large.hdf5"] < 2.5 * path.stat().st_size


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_zarr_of_a_server_that_lists_nothing_needs_consolidated_metadata(tmp_path: Path, zarr_format: Any) -> None:
    import zarr

    path = write_buffer(tmp_path / "b.zarr", zarr_format=zarr_format)
    with (
        pytest.warns() if zarr_format == 3 else contextlib.nullcontext()
    ):  # zarr: consolidated metadata is no part of v3 yet
        zarr.consolidate_metadata(path)
    with serving(tmp_path, NoPages) as (address, _):
        same(f"{address}/b.zarr", path)


def test_names_with_blanks_and_signs(tmp_path: Path) -> None:
    folder = tmp_path / "my data & more"
    folder.mkdir()
    path = write_csv(folder / "run 1 (küche).csv", recording(20, 0))
    with serving(tmp_path) as (address, _):
        same(f"{address}/my data & more", folder)
        same(f"{address}/my%20data%20%26%20more/run%201%20(k%C3%BCche).csv", path)


@pytest.fixture
def memory() -> Iterator[Any]:
    filesystem = fsspec.filesystem("memory")
    yield filesystem
    filesystem.store.clear()
    filesystem.pseudo_dirs[:] = [""]


def put(filesystem: Any, local: Path, there: str) -> str:
    for file in [local] if local.is_file() else [item for item in local.rglob("*") if item.is_file()]:
        target = there if local.is_file() else f"{there}/{file.relative_to(local).as_posix()}"
        filesystem.pipe_file(f"/{target}", file.read_bytes())
    return f"memory://{there}"


@pytest.mark.parametrize("kind", ["zarr", "zip", "hdf5", "folder of hdf5", "csv", "v2", "v3"])
def test_memory(tmp_path: Path, memory: Any, kind: str) -> None:
    local = tmp_path / "set"
    if kind == "zarr":
        write_buffer(local)
    elif kind == "zip":
        local = zipped(write_buffer(local), tmp_path / "b.zip")
    elif kind == "hdf5":
        local = write_robomimic(tmp_path / "demos.hdf5")
    elif kind == "folder of hdf5":
        local.mkdir()
        write_robomimic(local / "a.hdf5")
        write_robomimic(local / "b.hdf5")
    elif kind == "csv":
        write_folder(local)
    else:
        {"v2": write_v2, "v3": write_v3}[kind](local)
    same(put(memory, local, f"bucket/some/{local.name}"), local)


def test_annotations_and_profile_lie_in_a_user_folder_and_that_is_told(tmp_path: Path, memory: Any) -> None:
    address = put(memory, write_robomimic(tmp_path / "demos.hdf5"), "lab/demos.hdf5")
    opened = open_dataset(address)
    places = {entry.episode_id: opened.place(entry.episode_id) for entry in opened.entries}
    location = SidecarLocation(opened.path, places)
    home = remote_datasets() / "memory" / "lab"
    assert location.folder == home / "demos.hdf5.failview"
    assert "on another machine" in location.notice
    assert str(location.folder) in location.notice
    assert opened.open_episode("demo_1").source.path == "memory://lab/demos.hdf5"
    opened.close()
    assert run(["inspect", address, "--write-profile"]) == 0
    profile = home / "demos.hdf5.failview.toml"
    assert open_dataset(address).profile.path == profile
    profile.unlink()


def test_inspect_takes_an_address(tmp_path: Path, memory: Any, capsys: pytest.CaptureFixture[str]) -> None:
    address = put(memory, write_buffer(tmp_path / "b.zarr"), "lab/b.zarr")
    assert run(["inspect", address]) == 0
    assert "memory://lab/b.zarr" in capsys.readouterr().out
    assert run(["inspect", "--json", address]) == 0
    assert '"path": "memory://lab/b.zarr"' in capsys.readouterr().out
    assert run(["validate", address]) == 0


def line_for(address: str) -> str:
    with pytest.raises(DatasetError) as caught:
        open_dataset(address)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_can_go_wrong_is_one_line(tmp_path: Path, memory: Any) -> None:
    with serving(tmp_path) as (address, _):
        assert "there is nothing at this address" in line_for(f"{address}/nowhere.hdf5")
        assert f"{address}: this folder holds no dataset" in line_for(address)
        (tmp_path / "notes.hdf5").write_text("notes")
        assert "not an HDF5 file" in line_for(f"{address}/notes.hdf5")
        (tmp_path / "empty.csv").touch()
        assert "empty" in line_for(f"{address}/empty.csv")
    with serving(tmp_path, Closed) as (address, _):
        assert "access is refused" in line_for(f"{address}/demos.hdf5")
    with serving(tmp_path, Broken) as (address, _):
        assert "503" in line_for(f"{address}/demos.hdf5")
    assert "cannot be reached" in line_for(f"{address}/demos.hdf5")
    assert "cannot be reached" in line_for("http://no-such-host.invalid/demos.hdf5")
    assert "there is nothing at this address" in line_for("memory://nowhere/demos.hdf5")
    assert "no kind of address" in line_for("carrier-pigeon://nowhere/demos.hdf5")
    assert "leads out" in line_for("http://host/../demos.hdf5")


def test_a_bag_is_to_be_downloaded(tmp_path: Path) -> None:
    (tmp_path / "run.bag").write_bytes(b"#ROSBAG V2.0\n" + bytes(100))
    with serving(tmp_path) as (address, _):
        assert "cannot be read over the network. Download it first" in line_for(f"{address}/run.bag")


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name.split(".", maxsplit=1)[0] in {"fsspec", "aiohttp"}:
            raise ImportError(name=name)
        return real_import(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    for address in ("https://not-asked-before.invalid/x.hdf5", "gs://not-asked-before/x.zarr"):
        assert "pip install 'failview[remote]'" in line_for(address)


def test_without_the_library_of_a_service_too() -> None:
    assert "pip install 'failview[remote]'" in line_for("s3://bucket/x.zarr")


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    write_robomimic(tmp_path / "demos.hdf5")
    with serving(tmp_path) as (address, sent):
        signed = f"{address}/demos.hdf5?signature=SECRET".replace("http://", "http://me:PASSWORD@")
        opened = open_dataset(signed)
        assert opened.open_episode("demo_1").source.path == f"{address}/demos.hdf5"
        assert "/demos.hdf5?signature=SECRET" in sent
        opened.close()
        shown = line_for(signed.replace("demos", "nowhere"))
        assert "SECRET" not in shown
        assert "PASSWORD" not in shown
    assert not any(
        "SECRET" in name or "PASSWORD" in name for _, _, names in os.walk(remote_datasets()) for name in names
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://host/a/b.zarr", "https://host/a/b.zarr"),
        ("https:/host/a/b.zarr", "https://host/a/b.zarr"),
        ("s3://bucket", "s3://bucket"),
        ("S3://bucket/a//b/", "s3://bucket/a/b"),
        ("/data/b.zarr", None),
        ("data/b.zarr", None),
        ("demo:1/b.zarr", None),
        ("C:/b.zarr", None),
        ("file:///data/b.zarr", None),
        ("run: 1.csv", None),
    ],
)
def test_what_is_an_address(text: str, shown: str | None) -> None:
    url = as_remote_url(text)
    assert (None if url is None else url.shown) == shown
    assert (as_remote_url(Path(text)) is None) == (shown is None)


def test_a_file_address_is_a_path(tmp_path: Path) -> None:
    write_robomimic(tmp_path / "my demos.hdf5")
    opened = open_dataset(f"file://{tmp_path}/my%20demos.hdf5")
    assert opened.path == tmp_path / "my demos.hdf5"
    opened.close()


def test_local_data_never_touches_the_network(tmp_path: Path) -> None:
    """In a process of its own, where any use of a socket is an error and fsspec is not imported."""
    write_buffer(tmp_path / "b.zarr")
    write_robomimic(tmp_path / "demos.hdf5")
    write_folder(tmp_path / "runs")
    program = f"""
import sys
def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"network: {{event}} {{args}}")
sys.addaudithook(hook)
from failview.loaders import open_dataset
for name in ("b.zarr", "demos.hdf5", "runs"):
    opened = open_dataset({str(tmp_path)!r} + "/" + name)
    for entry in opened.entries:
        episode = opened.open_episode(entry.episode_id)
        for camera in episode.cameras.values():
            camera.open_reader().read(0)
    opened.close()
assert "aiohttp" not in sys.modules
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
