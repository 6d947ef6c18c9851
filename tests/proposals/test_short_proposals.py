"""What is proposed for every episode in short: read once, and never from a stale memory."""

from pathlib import Path

import pytest

from failview.loaders import open_dataset
from failview.loaders.index_cache import IndexCache
from failview.model.annotation import Outcome
from failview.model.detection import FieldProposal, ProposedField
from failview.proposals.judged_episodes import findings_files
from failview.proposals.short_proposals import REMEMBERED_AS, ShortProposal, in_short, short_proposals
from failview.sidecars.location import SidecarLocation
from tests.fakes.fake_findings import slip_proposal, success_proposal
from tests.fakes.forgetful import Forgetful
from tests.proposals.judged import judge, write_demos


def places_of(path: Path) -> SidecarLocation:
    dataset = open_dataset(path)
    try:
        return SidecarLocation(path, {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries})
    finally:
        dataset.close()


def test_the_deciding_fields_are_kept() -> None:
    assert in_short(slip_proposal()) == ShortProposal(Outcome.FAILURE, 0.98, "slip_during_lift", 0.86, 20)
    assert in_short(success_proposal()) == ShortProposal(Outcome.SUCCESS, 0.97)


@pytest.mark.parametrize("outcome", [None, FieldProposal("nap", 0.9, "", "x"), FieldProposal(None, 0.9, "", "x")])
def test_without_an_outcome_there_is_nothing_to_order_by(outcome: FieldProposal | None) -> None:
    proposal = {ProposedField.ONSET: FieldProposal(3, 0.5, "", "x")}
    assert in_short(proposal if outcome is None else {**proposal, ProposedField.OUTCOME: outcome}) is None


def test_what_detect_found_is_read_once_and_again_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = write_demos(tmp_path / "demos.hdf5")
    ids = ["demo_0", "demo_1", "demo_2"]
    location = places_of(path)
    assert short_proposals(location, ids, Forgetful(), lambda items, _what: items) == {}
    result = judge(path)
    expected = {key: in_short(found.proposal) for key, found in result.findings.items() if in_short(found.proposal)}
    assert set(expected) == set(ids)
    assert short_proposals(location, ids, IndexCache(path, REMEMBERED_AS), lambda items, _what: items) == expected
    asked = IndexCache(path, REMEMBERED_AS)
    assert all(asked.get(file) is not None for files in findings_files(location, ids).values() for file in files)
    for files in findings_files(location, ids).values():
        for file in files:
            file.write_bytes(b"no archive")
    assert short_proposals(location, ids, IndexCache(path, REMEMBERED_AS), lambda items, _what: items) == {}
