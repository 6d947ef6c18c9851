"""The file of one episode, whole and damaged."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from failview.model.detection import Detection, EpisodeFindings, FieldProposal, ProposedField
from failview.proposals.array_archive import DAMAGED
from failview.proposals.findings_file import (
    Head,
    read_arrays,
    read_findings,
    read_head,
    read_look,
    write_findings,
    write_head,
    write_look,
)
from failview.proposals.findings_json import findings_from_json, findings_json

HEAD = Head("demo_0", "sha256:ab", "key", "stamp")
LOOK = {"episode_id": "demo_0", "words": "Größe"}
ARRAYS = {"smoothness.jerk_m_s3": np.arange(6.0), "collision.residual_nm": np.ones((6, 7))}
TIMES_NS = np.arange(6, dtype=np.int64) * 10_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "set.failview" / "demo_0.detections.npz"
    write_look(path, HEAD, LOOK, ARRAYS, TIMES_NS)
    write_findings(path, HEAD.key, "learnt", {"episode_id": "demo_0"})
    return path


def test_everything_comes_back(file: Path) -> None:
    assert read_head(file) == HEAD
    assert read_look(file, HEAD.key) == LOOK
    assert read_findings(file) == ("learnt", {"learnt": "learnt", "episode_id": "demo_0"})
    arrays, times_ns = read_arrays(file)
    assert {name: values.tolist() for name, values in arrays.items()} == {
        name: values.tolist() for name, values in ARRAYS.items()
    }
    assert times_ns is not None
    assert np.array_equal(times_ns, TIMES_NS)


def test_numpy_reads_it_without_pickle(file: Path) -> None:
    with np.load(file, allow_pickle=False) as content:
        assert content["collision.residual_nm"].shape == (6, 7)
        assert json.loads(content["look"].item()) == LOOK
        assert json.loads(content["findings"].item())["episode_id"] == "demo_0"
        for name in content.files:
            assert content[name].dtype.kind in "fiS"


def test_findings_are_replaced_and_the_rest_stays(file: Path) -> None:
    write_findings(file, HEAD.key, "more", {"episode_id": "demo_0", "x": 1})
    assert read_findings(file) == ("more", {"learnt": "more", "episode_id": "demo_0", "x": 1})
    with zipfile.ZipFile(file) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
    assert read_arrays(file)[0]["smoothness.jerk_m_s3"].tolist() == ARRAYS["smoothness.jerk_m_s3"].tolist()


def test_the_head_is_replaced_and_the_rest_stays(file: Path) -> None:
    write_head(file, replace(HEAD, stamp="later"))
    assert read_head(file) == replace(HEAD, stamp="later")
    assert read_look(file, HEAD.key) == LOOK
    assert read_findings(file) is not None


def test_what_another_failview_put_there_meanwhile_is_not_mixed_with_ours(file: Path) -> None:
    theirs = replace(HEAD, key="their settings")
    write_look(file, theirs, {"episode_id": "demo_0"}, ARRAYS, TIMES_NS)
    with pytest.raises(DAMAGED):
        write_findings(file, HEAD.key, "learnt", {"episode_id": "demo_0"})
    with pytest.raises(DAMAGED):
        write_head(file, HEAD)
    with pytest.raises(DAMAGED):
        write_head(file, replace(theirs, fingerprint="sha256:other"))
    with pytest.raises(DAMAGED):
        read_look(file, HEAD.key)
    assert read_head(file) == theirs
    assert read_findings(file) is None


def test_nothing_temporary_is_left(file: Path) -> None:
    assert [item.name for item in file.parent.iterdir()] == [file.name]


def test_a_file_cut_short_anywhere_is_as_good_as_none(file: Path) -> None:
    content = file.read_bytes()
    for length in [0, 1, 30, *range(100, len(content), 97), len(content) - 1]:
        file.write_bytes(content[:length])
        assert read_head(file) is None
        assert read_findings(file) is None
        with pytest.raises(DAMAGED):
            read_arrays(file)


def test_flipped_bytes_never_crash_and_are_noticed_in_what_is_read(file: Path) -> None:
    content = file.read_bytes()
    for place in range(0, len(content), 41):
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        file.write_bytes(bytes(flipped))
        assert read_head(file) in {None, HEAD}
        found = read_findings(file)
        assert found is None or found[0] == "learnt"


def _archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members.items():
            archive.writestr(f"{name}.npy", body)
    return buffer.getvalue()


def _npy(header: str, body: bytes = b"") -> bytes:
    text = header.encode() + b" " * (63 - (len(header) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"version https://git-lfs.github.com/spec/v1\n",
        _archive(other=b"x"),
        _archive(head=_npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }")),
        _archive(head=_npy("{'descr': '|O', 'fortran_order': False, 'shape': (), }", b"cos\nsystem\n(S'false'\ntR.")),
        _archive(head=_npy("{'descr': '|S3', 'fortran_order': False, 'shape': (), }", b"[1]")),
        _archive(head=_npy("{'descr': '|S2', 'fortran_order': False, 'shape': (), }", b"{}")),
        _archive(head=_npy("__import__('os').system('false')")),
        _archive(head=b"\x93NUMPY\x09\x00"),
    ],
)
def test_a_foreign_or_hostile_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.detections.npz"
    path.write_bytes(content)
    assert read_head(path) is None
    assert read_findings(path) is None
    with pytest.raises(DAMAGED):
        read_look(path, HEAD.key)


def test_a_folder_in_its_place_is_as_good_as_none(tmp_path: Path) -> None:
    assert read_head(tmp_path) is None


def test_what_was_found_comes_back_from_json() -> None:
    findings = EpisodeFindings(
        "demo_0",
        (Detection("grasp", "grasp.slip", 3, 9, 0.9, "fell", 5, {"peak_n": 4.25, "gap": float("nan")}),),
        {
            ProposedField.OUTCOME: FieldProposal("failure", 0.9, "fell", "grasp"),
            ProposedField.CATEGORY: FieldProposal(None, 0.8, "none", "grasp"),
            ProposedField.ONSET: FieldProposal(3, 0.7, "fell", "grasp"),
            ProposedField.RECOVERY_ATTEMPTED: FieldProposal(False, 0.6, "no", "grasp"),
        },
        {"tracking": "no command"},
        ("2 filled in",),
    )
    plain = json.loads(json.dumps(findings_json(findings), allow_nan=False))
    assert plain["proposal"]["outcome"] == "failure"
    assert plain["proposal"]["confidence"]["failure_onset_frame"] == 0.7
    assert plain["proposal"]["evidence"]["failure_category"] == "none"
    back = findings_from_json(plain)
    assert back.proposal == findings.proposal
    assert (back.not_judged, back.notes) == (findings.not_judged, findings.notes)
    assert findings_json(back) == findings_json(findings)
