"""Nothing in a dataset leads out of it: links, storage elsewhere, templates and lists of files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.number_pictures import numbered_picture
from tests.loaders.write_bags import one_mcap_bag, one_sqlite_bag
from tests.loaders.write_episode_hdf5 import FRAMES, write_aloha
from tests.loaders.write_replay_buffer import write_buffer
from tests.loaders.write_robomimic import add_demo, write_robomimic

SECRET = 4242.0
SECRET_FRAMES = 5
"""Another number of frames than any dataset here has."""
ROWS = 12


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside the dataset whose values and number of frames would be noticed."""
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "secret.h5"
    with h5py.File(path, "w") as file:
        file["rows"] = np.full((ROWS, 3), SECRET)
        file["short"] = np.full((SECRET_FRAMES, 3), SECRET)
        file["pictures"] = np.stack([numbered_picture(999)] * ROWS)
        demo = add_demo(file.create_group("data"), "demo_7", SECRET_FRAMES)
        demo["obs/secret"] = np.full((SECRET_FRAMES, 3), SECRET)
        file["alias"] = h5py.SoftLink("/data")
    return path


def require_no_secret(episode: Episode) -> None:
    assert episode.num_frames != SECRET_FRAMES
    for signal in [*episode.signals.values(), *episode.other_signals.values()]:
        assert not np.any(signal.values == SECRET), signal.stream


def external(where: str) -> Callable[[h5py.File, str, Path], None]:
    def put(file: h5py.File, place: str, secret: Path) -> None:
        file[place] = h5py.ExternalLink(str(secret), where)

    return put


def through_a_soft_link(where: str) -> Callable[[h5py.File, str, Path], None]:
    """A soft link looks as if it stayed; the link that it goes through does not."""

    def put(file: h5py.File, place: str, secret: Path) -> None:
        if "door" not in file:
            file["door"] = h5py.ExternalLink(str(secret), "/")
        file[place] = h5py.SoftLink(f"/door/{where}")

    return put


def virtual(where: str) -> Callable[[h5py.File, str, Path], None]:
    def put(file: h5py.File, place: str, secret: Path) -> None:
        with h5py.File(secret) as source:
            shape, dtype = source[where].shape, source[where].dtype
        layout = h5py.VirtualLayout(shape=shape, dtype=dtype)
        layout[...] = h5py.VirtualSource(secret, where, shape=shape)
        file.create_virtual_dataset(place, layout)

    return put


def virtual_without_end(where: str) -> Callable[[h5py.File, str, Path], None]:
    """The shape of such a dataset is that of its source: asking for it opens the other file."""

    def put(file: h5py.File, place: str, secret: Path) -> None:
        with h5py.File(secret) as source:
            shape, dtype = source[where].shape, source[where].dtype
        whole = (None, *shape[1:])
        layout = h5py.VirtualLayout(shape=shape, maxshape=whole, dtype=dtype)
        origin = h5py.VirtualSource(secret, where, shape=shape, maxshape=whole)
        layout[0 : h5py.h5s.UNLIMITED, :] = origin[0 : h5py.h5s.UNLIMITED, :]
        file.create_virtual_dataset(place, layout)

    return put


def raw_storage(where: str) -> Callable[[h5py.File, str, Path], None]:
    def put(file: h5py.File, place: str, secret: Path) -> None:
        with h5py.File(secret) as source:
            values = source[where][:]
        raw = secret.with_name(f"{where}.raw")
        raw.write_bytes(values.tobytes())
        file.create_dataset(place, values.shape, values.dtype, external=[(str(raw), 0, h5py.h5f.UNLIMITED)])

    return put


WAYS_OUT = {
    "external link": external,
    "soft link through an external one": through_a_soft_link,
    "virtual dataset": virtual,
    "virtual dataset of any length": virtual_without_end,
    "external raw storage": raw_storage,
}


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("data/demo_1/obs/leak", "rows"),
        ("data/demo_1/actions", "short"),
        ("data/demo_1/obs/agentview_image", "pictures"),
    ],
)
def test_no_dataset_of_a_demo_is_read_from_another_file(
    tmp_path: Path, secret: Path, way: str, place: str, where: str
) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    with h5py.File(path, "r+") as file:
        if place in file:
            del file[place]
        WAYS_OUT[way](where)(file, place, secret)
    opened = open_dataset(path)
    assert {entry.num_frames for entry in opened.entries} == {ROWS}
    episode = opened.open_episode("demo_1")
    require_no_secret(episode)
    name = place.removeprefix("data/demo_1/")
    assert [line for line in episode.warnings if line.startswith(f"{name} ") and "another file" in line]
    assert not episode.cameras if where == "pictures" else episode.cameras
    require_no_secret(opened.open_episode("demo_2"))
    opened.close()


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize(
    ("place", "where"),
    [("observations/leak", "rows"), ("action", "short"), ("observations/images/cam_high", "pictures")],
)
def test_no_dataset_of_an_episode_file_is_read_from_another_file(
    tmp_path: Path, secret: Path, way: str, place: str, where: str
) -> None:
    path = write_aloha(tmp_path / "episode_0.hdf5")
    with h5py.File(path, "r+") as file:
        if place in file:
            del file[place]
        WAYS_OUT[way](where)(file, place, secret)
    opened = open_dataset(path)
    episode = opened.open_episode(opened.entries[0].episode_id)
    opened.close()
    assert episode.num_frames == FRAMES
    require_no_secret(episode)
    assert [line for line in episode.warnings if line.startswith(f"{place} ") and "another file" in line]
    assert list(episode.cameras) == (["cam_left_wrist"] if where == "pictures" else ["cam_high", "cam_left_wrist"])


@pytest.mark.parametrize("link", [external("/data/demo_7"), through_a_soft_link("data/demo_7")])
def test_no_demo_is_another_file_s(tmp_path: Path, secret: Path, link: Callable[[h5py.File, str, Path], None]) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    with h5py.File(path, "r+") as file:
        link(file, "data/demo_7", secret)
    for _ in range(2):  # the second time from what was remembered
        opened = open_dataset(path)
        assert [entry.episode_id for entry in opened.entries] == ["demo_1", "demo_2", "demo_10"]
        assert "data/demo_7 is a link to another file: left out" in opened.warnings
        opened.close()


@pytest.mark.parametrize("link", [external("/data"), through_a_soft_link("alias")])
def test_no_list_of_demos_is_another_file_s(
    tmp_path: Path, secret: Path, link: Callable[[h5py.File, str, Path], None]
) -> None:
    path = tmp_path / "demos.hdf5"
    with h5py.File(path, "w") as file:
        link(file, "data", secret)
    with pytest.raises(DatasetError, match="data is a link to another file") as caught:
        open_dataset(path)
    assert "\n" not in str(caught.value)
    with h5py.File(path, "r+") as file:
        add_demo(file, "demo_1")
        if "door" in file:
            del file["door"]
    opened = open_dataset(path)
    assert [entry.episode_id for entry in opened.entries] == ["demo_1"]
    assert any(line.startswith("data ") for line in opened.warnings)
    require_no_secret(opened.open_episode("demo_1"))
    opened.close()


def test_a_link_exchanged_while_the_dataset_is_open_is_not_followed(tmp_path: Path, secret: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    opened = open_dataset(path)
    reader = opened.open_episode("demo_2").cameras["agentview"].open_reader()
    with h5py.File(path, "r+") as file:
        del file["data/demo_1"], file["data/demo_2/obs/agentview_image"]
        file["data/demo_1"] = h5py.ExternalLink(str(secret), "/data/demo_7")
        file["data/demo_2/obs/agentview_image"] = h5py.ExternalLink(str(secret), "/pictures")
    with pytest.raises(DatasetError):
        opened.open_episode("demo_1")
    with pytest.raises(DatasetError):
        reader.read(0)
    reader.close()
    opened.close()


def test_references_are_not_followed(tmp_path: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    with h5py.File(path, "r+") as file:
        demo = file["data/demo_1"]
        target = demo["actions"]
        demo.create_dataset("obs/pointers", data=[target.ref] * ROWS, dtype=h5py.ref_dtype)
        regions = [target.regionref[0:2]] * ROWS
        demo.create_dataset("obs/regions", data=regions, dtype=h5py.regionref_dtype)
        rows = demo.create_dataset("obs/rows_of_pointers", (ROWS,), h5py.vlen_dtype(h5py.ref_dtype))
        rows[0] = np.array([target.ref], dtype=h5py.ref_dtype)
        demo.attrs["pointer"] = target.ref
    opened = open_dataset(path)
    report = opened.report("demo_1")
    opened.close()
    notes = {stream.stream: stream.note for stream in report.streams}
    assert {notes[f"obs/{name}"] for name in ("pointers", "regions", "rows_of_pointers")} == {"not numbers"}


def test_links_within_the_file_are_followed_but_not_round(tmp_path: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    with h5py.File(path, "r+") as file:
        file["kept"] = np.full((ROWS, 2), 3.0)
        demo = file["data/demo_1"]
        demo["obs/by_soft_link"] = h5py.SoftLink("/kept")
        demo["obs/relative"] = h5py.SoftLink("./by_soft_link")
        demo["obs/round"] = h5py.SoftLink("round")
        for number in range(4):
            demo[f"obs/back_{number}"] = h5py.SoftLink("/data/demo_1")
    opened = open_dataset(path)
    episode = opened.open_episode("demo_1")
    opened.close()
    for name in ("obs/by_soft_link", "obs/relative"):
        assert episode.other_signals[name].values.tolist() == [[3.0, 3.0]] * ROWS
    assert any(line.startswith("obs/round cannot be read (") for line in episode.warnings)
    assert [line for line in episode.warnings if "leads back to a group around it" in line]
    assert not [name for name in episode.other_signals if "back_" in name]


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("what", ["data/action", "data/action/0.0", "data"])
def test_no_part_of_a_buffer_lies_elsewhere(tmp_path: Path, zarr_format: int, what: str) -> None:
    path = write_buffer(tmp_path / "set" / "b.zarr", zarr_format=zarr_format)
    part = path / (what if zarr_format == 2 else what.replace("0.0", "c/0/0"))
    shutil.move(part, tmp_path / "elsewhere")
    part.symlink_to(tmp_path / "elsewhere")
    if what == "data":
        with pytest.raises(DatasetError):
            open_dataset(path).open_episode("episode_0")
        return
    opened = open_dataset(path)
    episode = opened.open_episode("episode_0")
    opened.close()
    if what == "data/action":
        assert Role.ACTION not in episode.signals
        assert "data/action leads out of the dataset: left out" in opened.warnings
    else:
        assert not episode.signals[Role.ACTION].values[:8].any(), "the array's fill value"
        assert any("action: 8 of 12 samples are not stored" in line for line in episode.warnings)


def test_consolidated_metadata_names_nothing_outside(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "set" / "b.zarr")
    secret = write_buffer(tmp_path / "secret.zarr")
    description = json.loads((secret / "data" / "action" / ".zarray").read_text())
    names = ("../../secret.zarr/data/action", str(secret / "data" / "action"))
    metadata = {f"{name}/.zarray": description for name in names}
    (path / ".zmetadata").write_text(json.dumps({"zarr_consolidated_format": 1, "metadata": metadata}))
    opened = open_dataset(path)
    episode = opened.open_episode("episode_0")
    opened.close()
    assert not [name for name in episode.other_signals if "secret" in name]
    assert [line for line in opened.warnings if "secret.zarr/data/action leads out of the dataset" in line]


@pytest.mark.parametrize("write", [one_mcap_bag, one_sqlite_bag])
@pytest.mark.parametrize("absolute", [False, True])
def test_metadata_of_a_bag_names_no_file_outside(
    tmp_path: Path, write: Callable[[Path], Path], *, absolute: bool
) -> None:
    bag, other = write(tmp_path / "bag"), write(tmp_path / "elsewhere")
    (own,) = [item for item in bag.iterdir() if item.name != "metadata.yaml"]
    (secret,) = [item for item in other.iterdir() if item.name != "metadata.yaml"]
    metadata = bag / "metadata.yaml"
    text = metadata.read_text()
    assert own.name in text
    named = str(secret) if absolute else f"../elsewhere/{secret.name}"
    metadata.write_text(text.replace(own.name, named))
    opened = open_dataset(bag)
    assert [entry.num_frames for entry in opened.entries] == [8]
    episode = opened.open_episode("bag")
    assert any(f"metadata.yaml names {secret.name}, the folder holds {own.name}" in line for line in episode.warnings)
    opened.close()
    own.unlink()
    with pytest.raises(DatasetError) as caught:
        open_dataset(bag)
    assert "elsewhere" not in caught.value.what
