"""Labels of a dataset against its signals: asked once, remembered, and told what nobody has judged."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failview.errors import DatasetError
from failview.loaders.index_cache import IndexCache
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.model.review import Adjudication, Decision, Side
from failview.quality.label_consistency import DatasetConsistency, check_labels, remembered_as
from failview.quality.label_row import LabelRow, from_json, row_of, to_json
from failview.quality.signal_evidence import Yardstick
from failview.settings.thresholds import DetectorSettings
from tests.detectors.gripper_story import Recording, findings, recorded
from tests.detectors.pick_stories import slip
from tests.detectors.task_success.pick_and_place import Pick
from tests.detectors.task_success.pick_and_place import episode as pick
from tests.quality.label_checks import TAXONOMY, failure

YARDSTICK = Yardstick(DetectorSettings(), TAXONOMY)
EPISODES = {
    "away": pick(Pick(aside_m=0.08)),
    "there": pick(),
    "slip": recorded(slip()),
    "uneven": recorded(slip(), Recording(uneven=0.8)),
}


class Source:
    """Keeps the promises of EpisodeSource; `asked` counts how often findings were wanted, `read` the episodes."""

    def __init__(self, folder: Path, *, broken: bool = False) -> None:
        self._folder = folder
        self._broken = broken
        self.state = "as it was"
        self.asked: list[str] = []
        self.read: list[str] = []
        for name in EPISODES:
            (folder / name).touch()

    def findings_of(self, episode_id: str) -> EpisodeFindings | None:
        self.asked.append(episode_id)
        return findings(EPISODES[episode_id]) if episode_id in EPISODES else None

    def findings_file(self, episode_id: str) -> Path:
        return self._folder / episode_id

    def state_of(self, episode_id: str) -> str:
        return self.state

    def open_episode(self, episode_id: str) -> Episode:
        self.read.append(episode_id)
        if self._broken:
            raise DatasetError("cannot be read", where=episode_id)
        return EPISODES[episode_id]

    def rate_hz(self, episode_id: str) -> float:
        return 20.0


def row(episode_id: str, label: Annotation, annotator: str = "anna") -> LabelRow:
    stages = {Stage.DETAIL: StageRecord("2026-01-01T00:00:00+00:00", 9.0)}
    frames = EPISODES[episode_id].num_frames if episode_id in EPISODES else 10
    return row_of(AnnotationRecord(episode_id, annotator, "t", "1.0.0", label, stages, num_frames=frames))


SUCCESS = Annotation(Outcome.SUCCESS)
ROWS = (row("away", SUCCESS), row("there", SUCCESS), row("slip", failure("missed_grasp", 5)))


def check(source: Source, rows: Sequence[LabelRow], cache: IndexCache | None = None) -> DatasetConsistency:
    by_episode: dict[str, list[LabelRow]] = {}
    for item in rows:
        by_episode.setdefault(item.episode_id, []).append(item)
    return check_labels(by_episode.items(), source, YARDSTICK, cache or forgetful(source))


def forgetful(source: Source) -> IndexCache:
    return IndexCache(source.findings_file("nobody"), "nothing")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Source(tmp_path)


def test_contradictions_are_found_with_their_episode_and_annotator(source: Source) -> None:
    found = check(source, [*ROWS, row("away", failure("missed_target"), "ben")])
    told = [(item.episode_id, item.annotator, item.contradiction.rule, item.frame) for item in found.found]
    assert told[0] == ("away", "anna", "success_away_from_goal", 139)
    assert [item[:3] for item in told[1:]] == [("slip", "anna", "onset_far_from_events")]
    assert (found.labels, found.not_judged) == (4, 0)
    assert found.rules > len(found.found)


def test_an_episode_is_read_only_where_a_rule_needs_it(source: Source) -> None:
    check(source, ROWS)
    assert source.read == []
    check(source, [row("slip", failure("unstable_grasp"))])
    assert source.read == ["slip"]


def test_uneven_clocks_are_mapped_by_the_episode(source: Source) -> None:
    assert findings(EPISODES["uneven"]).array_times_ns is not None
    found = check(source, [row("uneven", failure("unstable_grasp", 60))]).found
    assert [item.contradiction.rule for item in found] == ["unstable_but_never_turned"]
    assert 38 <= found[0].frame <= 62, "while it was held"
    assert source.read == ["uneven"]


def test_an_episode_that_cannot_be_read_leaves_rules_unchecked(tmp_path: Path) -> None:
    source = Source(tmp_path, broken=True)
    found = check(source, [row("slip", failure("joint_limit"))])
    assert ("joint_limit_but_none_near", "joint_position with a robot model is not there") in found.unchecked


def test_what_nobody_has_judged_is_counted(source: Source) -> None:
    found = check(source, [row("stranger", SUCCESS), *ROWS])
    assert (found.labels, found.not_judged) == (3, 1)


def remembered(source: Source, yardstick: Yardstick = YARDSTICK) -> IndexCache:
    return IndexCache(source.findings_file("dataset"), remembered_as(yardstick))


def test_nothing_is_asked_twice(source: Source) -> None:
    first = check(source, ROWS, remembered(source))
    source.asked.clear()
    assert check(source, ROWS, remembered(source)) == first
    assert source.asked == []


def test_another_label_is_asked_about_again(source: Source) -> None:
    check(source, ROWS, remembered(source))
    source.asked.clear()
    found = check(source, [row("away", failure("missed_target")), *ROWS[1:]], remembered(source))
    assert source.asked == ["away"]
    assert "success_away_from_goal" not in {item.contradiction.rule for item in found.found}


def test_other_data_or_findings_are_asked_again(source: Source) -> None:
    check(source, ROWS, remembered(source))
    source.asked.clear()
    source.findings_file("slip").write_bytes(b"judged again")
    check(source, ROWS, remembered(source))
    assert source.asked == ["slip"]
    source.state = "changed"
    check(source, ROWS, remembered(source))
    assert source.asked == ["slip", "away", "there", "slip"]


def test_other_thresholds_are_another_memory() -> None:
    other = Yardstick(DetectorSettings({"label.goal_distance_m": 0.2}), TAXONOMY)
    assert remembered_as(other) != remembered_as(YARDSTICK)
    assert remembered_as(replace(YARDSTICK, taxonomy=replace(TAXONOMY, categories=()))) != remembered_as(YARDSTICK)
    assert remembered_as(YARDSTICK) == remembered_as(Yardstick(DetectorSettings(), TAXONOMY))


@pytest.mark.parametrize(
    "strange", [None, 3, [], {}, {"state": "as it was"}, {"state": "as it was", "x": [[], [], "a"]}]
)
def test_a_strange_memory_is_none(source: Source, strange: Any) -> None:
    first = check(source, ROWS, remembered(source))
    cache = remembered(source)
    for name in EPISODES:
        cache.put(source.findings_file(name), strange)
    cache.save()
    assert check(source, ROWS, remembered(source)) == first


@pytest.mark.parametrize("item", [*ROWS, row("slip", failure("slip_during_lift", 60, preventable=True))])
def test_a_row_survives_being_remembered(item: LabelRow) -> None:
    assert from_json(to_json(item)) == item


@pytest.mark.parametrize("strange", [None, [], {}, "x", [1] * 9, ["a", "b", "c", "d", 1, [], {}, {}, {}]])
def test_strange_rows_are_none(strange: Any) -> None:
    assert from_json(strange) is None


AWAY = EPISODES["away"].num_frames
UPHELD = Adjudication(
    "2026-01-02T00:00:00+00:00",
    "ben",
    Decision.UPHELD,
    "the goal is wrong in the profile",
    (Side("anna", {"outcome": "success", "failure_category": None, "failure_subcategory": None}),),
)


@pytest.mark.parametrize(
    ("decision", "finished_at", "decided_by"),
    [
        (UPHELD, "2026-01-01T00:00:00+00:00", "ben"),
        (UPHELD, "2026-01-02T00:00:00.700+00:00", "ben"),
        (replace(UPHELD, decision=Decision.CHANGED), "2026-01-01T00:00:00+00:00", "ben"),
        (replace(UPHELD, why=" "), "2026-01-01T00:00:00+00:00", ""),
        (replace(UPHELD, decided_at=""), "2026-01-01T00:00:00+00:00", ""),
        (UPHELD, "2026-01-03T00:00:00+00:00", ""),
        (replace(UPHELD, sides=(Side("anna", {"outcome": "failure"}),)), "2026-01-01T00:00:00+00:00", ""),
    ],
)
def test_what_a_reviewer_decided_is_told_as_decided(
    source: Source, decision: Adjudication, finished_at: str, decided_by: str
) -> None:
    stages = {Stage.DETAIL: StageRecord(finished_at, 9.0)}
    record = AnnotationRecord("away", "anna", "t", "1.0.0", SUCCESS, stages, adjudications=(decision,), num_frames=AWAY)
    assert from_json(json.loads(json.dumps(to_json(row_of(record))))) == row_of(record)
    found = check(source, [row_of(record), *ROWS[1:]])
    assert [item.decided_by for item in found.found] == [decided_by, ""]
    assert found.num_decided == bool(decided_by)


def test_a_decision_in_the_sidecar_of_the_reviewer_holds_for_the_label_under_review(source: Source) -> None:
    stages = {Stage.REVIEW: StageRecord("2026-01-02T00:00:00+00:00", 9.0)}
    review = AnnotationRecord("away", "ben", "t", "1.0.0", SUCCESS, stages, adjudications=(UPHELD,), num_frames=AWAY)
    found = check(source, [*ROWS, row_of(review), row("away", failure("missed_target"), "carla")])
    assert {(item.annotator, item.decided_by) for item in found.found if item.episode_id == "away"} == {
        ("anna", "ben"),
        ("ben", "ben"),
    }
