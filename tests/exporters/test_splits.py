"""Splits: what they promise, and that they refuse what cannot be made."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failview.cli.main import run
from failview.errors import ExportError
from failview.exporters.splits.files import read_splits
from failview.exporters.splits.plan import SPLITS, SplitPlan, SplitRequest, counts, plan_splits
from failview.exporters.splits.shares import LabelledItem, Shares, shares_of
from failview.model.annotation import Outcome
from tests.exporters.labelled_demos import write_demos

Capture = pytest.CaptureFixture[str]
KINDS = ("slip", "miss", "drop", "hit")


def items(successes: int, failures: int, partial: int = 0, *, kinds: tuple[str, ...] = KINDS) -> list[LabelledItem]:
    """Episodes of two tasks in an arbitrary but fixed order."""
    outcomes = [Outcome.SUCCESS] * successes + [Outcome.FAILURE] * failures + [Outcome.PARTIAL_SUCCESS] * partial
    random.Random(7).shuffle(outcomes)
    return [
        LabelledItem(
            f"demo_{number}",
            ("cube", "mug")[number % 3 == 0],
            outcome,
            None if outcome is Outcome.SUCCESS else kinds[number % len(kinds)],
        )
        for number, outcome in enumerate(outcomes)
    ]


def ids(plan: SplitPlan, *names: str) -> list[str]:
    return [item.episode_id for name in names for item in plan.parts[name]]


@given(st.integers(5, 120), st.integers(5, 120), st.integers(0, 20), st.integers(0, 99))
def test_a_has_every_episode_once_in_its_shares(good: int, failed: int, partial: int, seed: int) -> None:
    labelled = items(good, failed, partial)
    plan = plan_splits(labelled, SplitRequest(("a",), seed))
    assert sorted(ids(plan, "a_train", "a_valid", "a_test")) == sorted(item.episode_id for item in labelled)
    for part, share in (("a_valid", 0.1), ("a_test", 0.1), ("a_train", 0.8)):
        found = Counter(item.outcome is Outcome.SUCCESS for item in plan.parts[part])
        slack = 0.5 if share < 0.5 else 1.0
        assert abs(found[True] - share * good) <= slack
        assert abs(found[False] - share * (failed + partial)) <= slack


def test_a_spreads_tasks_and_keeps_the_failure_share() -> None:
    labelled = items(140, 50, 10)
    plan = plan_splits(labelled, SplitRequest(("a",)))
    for part in plan.parts.values():
        found = counts(part)
        assert abs(found["failure_share"] - 0.3) <= 0.01
        mugs = sum(item.task == "mug" for item in part) / len(part)
        assert abs(mugs - 1 / 3) < 0.1


def test_b_learns_from_successes_alone_and_is_tested_as_a() -> None:
    plan = plan_splits(items(60, 25, 5), SplitRequest(("a", "b"), seed=3))
    assert ids(plan, "b_test") == ids(plan, "a_test")
    assert {item.outcome for item in (*plan.parts["b_train"], *plan.parts["b_valid"])} == {Outcome.SUCCESS}
    assert set(ids(plan, "b_train")) < set(ids(plan, "a_train"))
    assert len({item.outcome for item in plan.parts["b_test"]}) > 1


@given(st.integers(8, 150), st.integers(16, 150), st.integers(0, 99))
def test_c_is_balanced_and_tested_on_kinds_never_seen(good: int, failed: int, seed: int) -> None:
    plan = plan_splits(items(good, failed, 3), SplitRequest(("c",), seed, Shares(60, 20, 20)))
    every = ids(plan, "c_train", "c_valid", "c_test")
    assert len(every) == len(set(every))
    for part in plan.parts.values():
        found = counts(part)
        assert found["success"] == found["failure"] > 0
        assert found["partial_success"] == 0
    seen = {item.subcategory for name in ("c_train", "c_valid") for item in plan.parts[name]} - {None}
    tested = {item.subcategory for item in plan.parts["c_test"]} - {None}
    assert tested
    assert not seen & tested
    assert sorted(tested) == list(plan.held_out)


def test_c_holds_out_what_it_is_told() -> None:
    plan = plan_splits(items(60, 60), SplitRequest(("c",), hold_out=("drop", "hit")))
    assert plan.held_out == ["drop", "hit"]
    with pytest.raises(ExportError, match="no failure is labelled dorp"):
        plan_splits(items(60, 60), SplitRequest(("c",), hold_out=("dorp",)))
    with pytest.raises(ExportError, match="none is left to learn from"):
        plan_splits(items(60, 60), SplitRequest(("c",), hold_out=KINDS))


@given(st.integers(30, 300), st.integers(10, 300), st.integers(0, 9))
def test_mixes_have_exact_shares_and_one_size(good: int, failed: int, seed: int) -> None:
    labelled = items(good, failed, 4)
    plan = plan_splits(labelled, SplitRequest(("a", "mix_10", "mix_15", "mix_30"), seed))
    sizes = set()
    for percent in (10, 15, 30):
        found = counts(plan.parts[f"mix_{percent}"])
        assert found["failure"] * 100 == found["count"] * percent
        assert found["partial_success"] == 0
        assert set(ids(plan, f"mix_{percent}")) <= set(ids(plan, "a_train"))
        sizes.add(found["count"])
    assert len(sizes) == 1


def test_the_seed_decides_and_the_order_of_the_list_does_not() -> None:
    labelled = items(80, 40, 5)
    one, same = (plan_splits(labelled, SplitRequest(seed=1)) for _ in range(2))
    turned = plan_splits(labelled[::-1], SplitRequest(seed=1))
    other = plan_splits(labelled, SplitRequest(seed=2))
    assert one == same
    assert {name: sorted(part) for name, part in one.episodes.items()} == {
        name: sorted(part) for name, part in turned.episodes.items()
    }
    assert all(one.episodes[name] != other.episodes[name] for name in ("a_train", "a_test", "c_train", "mix_10"))
    positions = {item.episode_id: number for number, item in enumerate(labelled)}
    assert all(part == sorted(part, key=positions.__getitem__) for part in one.episodes.values())


@pytest.mark.parametrize(
    ("good", "failed", "name", "reason"),
    [
        (0, 30, "a", "all 30 labelled episodes are failures"),
        (30, 0, "b", "all 30 labelled episodes are successes"),
        (30, 4, "a", "4 failures are too few for a part of 10 %. At least 5 of each are needed"),
        (4, 30, "mix_10", "4 successes are too few"),
        (30, 0, "c", "30 successes and 0 failures with a subcategory"),
        (1, 20, "c", "are too few. Each part needs one of either"),
        (12, 6, "mix_30", "has 4 failures and 10 successes; mixes of 10, 15, 30 % of one size need 6 and 18"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(good: int, failed: int, name: str, reason: str) -> None:
    with pytest.raises(ExportError) as refused:
        plan_splits(items(good, failed), SplitRequest((name,)))
    assert f"split {name} cannot be made: " in str(refused.value)
    assert reason in str(refused.value)


def test_one_kind_of_failure_cannot_be_held_out() -> None:
    with pytest.raises(ExportError, match="all 30 failures are slip"):
        plan_splits(items(30, 30, kinds=("slip",)), SplitRequest(("c",)))


def test_without_names_what_can_be_made_is_made() -> None:
    plan = plan_splits(items(30, 4), SplitRequest())
    assert list(plan.parts) == ["c_train", "c_valid", "c_test"]
    assert set(plan.refused) == set(SPLITS) - {"c"}
    with pytest.raises(ExportError, match="there is no split d"):
        plan_splits(items(30, 30), SplitRequest(("d",)))


@pytest.mark.parametrize("text", ["80,20", "80,10,5", "100,0,0", "a,b,c", "80,10,10,0", "-80,90,90"])
def test_shares_that_are_none(text: str) -> None:
    with pytest.raises(ExportError, match="are not three whole percents"):
        shares_of(text)


def test_the_command_writes_lists_and_json(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_demos(tmp_path / "data", judged=False)
    monkeypatch.setattr("failview.cli.splits.labelled_items", lambda _: items(60, 40, 4))
    assert run(["splits", str(source), str(tmp_path / "out"), "--seed", "5"]) == 0
    told = capsys.readouterr().out
    plan = plan_splits(items(60, 40, 4), SplitRequest(seed=5))
    assert read_splits(tmp_path / "out" / "splits.json") == plan.episodes
    for name, episodes in plan.episodes.items():
        assert (tmp_path / "out" / f"{name}.txt").read_text(encoding="utf-8").split() == episodes
        assert name in told
    assert f"held out for c_test: {plan.held_out[0]}" in told
    assert run(["splits", str(source), "--seed", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(
        (tmp_path / "out" / "splits.json").read_text(encoding="utf-8")
    )
    assert run(["splits", str(source), str(tmp_path / "out")]) == 2
    assert "is there already" in capsys.readouterr().err


def test_too_few_is_one_line(tmp_path: Path, capsys: Capture) -> None:
    source = write_demos(tmp_path / "data", judged=False)
    assert run(["splits", str(source), str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert "no split can be made: " in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"splits": {"a": 3}}', '{"splits": 1}'])
def test_a_file_that_holds_no_splits(tmp_path: Path, content: str) -> None:
    path = tmp_path / "splits.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ExportError, match="holds no splits"):
        read_splits(path)
    with pytest.raises(ExportError, match="cannot be read"):
        read_splits(tmp_path / "nothing.json")
