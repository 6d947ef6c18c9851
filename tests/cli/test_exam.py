"""`failview exam --result`, `practice` and `open --retest` say what they draw, and what cannot be drawn."""

import json
from pathlib import Path
from typing import Any

import pytest

from failview.cli.errands import retest
from failview.cli.main import run
from failview.errors import SidecarError
from failview.model.annotation import Outcome
from tests.quality.planted_annotators import Habits, Truth, draw_truth, records_of, write_dataset, write_records

Capture = pytest.CaptureFixture[str]
COUNT = 60
TRUTHS = draw_truth(COUNT, 0.5, seed=8)


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is Anna, with a cache of her own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "config/failview").mkdir(parents=True)
    (tmp_path / "config/failview/settings.toml").write_text('annotator = "anna"\n', encoding="utf-8")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = write_dataset(tmp_path / "demos.hdf5", COUNT)
    write_records(path, records_of("gold", TRUTHS, Habits(), 1))
    return path


def sit(dataset: Path, truths: list[Truth], habits: Habits, name: str = "anna (exam)") -> None:
    write_records(dataset, records_of(name, truths, habits, 5))


def result(dataset: Path, capsys: Capture, code: int) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["exam", str(dataset), "--result", "--json", "--episodes", "20"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def kept(dataset: Path) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads(
        dataset.with_name("demos.hdf5.failview").joinpath("exams.json").read_text(encoding="utf-8")
    )
    return content


def test_who_sees_what_gold_sees_passes_and_it_is_kept(dataset: Path, capsys: Capture) -> None:
    sit(dataset, TRUTHS[:20], Habits())
    found = result(dataset, capsys, 0)
    assert (found["kappa"], found["passed"], found["episodes"]) == (1.0, True, 20)
    (entry,) = kept(dataset)
    assert (entry["annotator"], entry["gold"], entry["passed"], entry["wrong"]) == ("anna (exam)", "gold", True, {})
    result(dataset, capsys, 0)
    assert len(kept(dataset)) == 1, "told twice, kept once"


def test_who_does_not_fails_and_sees_where(dataset: Path, capsys: Capture) -> None:
    sit(dataset, TRUTHS[:20], Habits(flips=0.4))
    assert run(["exam", str(dataset), "--result"]) == 1
    out = capsys.readouterr().out
    assert "not passed: kappa" in out
    assert "you said" in out
    assert kept(dataset)[0]["wrong"]


def test_an_exam_under_way_tells_what_is_left(dataset: Path, capsys: Capture) -> None:
    sit(dataset, TRUTHS[:7], Habits())
    assert run(["exam", str(dataset), "--result", "--episodes", "20"]) == 0
    assert "7 of 20 done" in capsys.readouterr().out
    assert not dataset.with_name("demos.hdf5.failview").joinpath("exams.json").exists()


def test_a_second_exam_is_another_one(dataset: Path, capsys: Capture) -> None:
    sit(dataset, TRUTHS[:20], Habits(flips=0.4))
    result(dataset, capsys, 1)
    sit(dataset, TRUTHS[20:40], Habits(), "anna (exam 2)")
    assert result(dataset, capsys, 0)["annotator"] == "anna (exam 2)"
    assert [item["passed"] for item in kept(dataset)] == [False, True]


def test_one_class_alone_is_passed_only_without_a_mistake(dataset: Path, capsys: Capture) -> None:
    successes = [truth for truth in TRUTHS if truth.outcome is Outcome.SUCCESS][:20]
    sit(dataset, successes, Habits())
    found = result(dataset, capsys, 0)
    assert (found["kappa"], found["percentage"], found["passed"]) == (None, 1.0, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["exam", "--result"], "anna has begun no exam here"),
        (["exam", "--gold", "nobody"], "nobody has finished no label here"),
        (["practice", "--gold", "nobody"], "nobody has finished no label here"),
        (["exam", "--annotator", "gold"], "gold cannot be examined by labels of gold"),
        (["open", "--retest"], "anna has finished no episode 7 days ago or earlier that was not"),
        (["open", "--retest", "--after-days", "1"], "anna has finished no episode 1 day ago or earlier that was not"),
        (["open", "--retest", "--after-days", "0"], "anna has finished no episode that was not tested again already"),
    ],
)
def test_what_cannot_be_is_one_line(dataset: Path, capsys: Capture, arguments: list[str], said: str) -> None:
    command, *options = arguments
    assert run([command, str(dataset), *options]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error


def test_somebody_who_has_seen_everything_can_take_no_exam(dataset: Path, capsys: Capture) -> None:
    write_records(dataset, records_of("anna", TRUTHS, Habits(), 3))
    for path in dataset.with_name(dataset.name + ".failview").glob(f"{TRUTHS[0].episode_id}.anna.*"):
        path.unlink()
    assert run(["exam", str(dataset)]) == 2
    assert "1 episode of the 60 labelled by gold is new to anna. An exam takes 5" in capsys.readouterr().err
    write_records(dataset, records_of("anna", TRUTHS, Habits(), 3))
    assert run(["exam", str(dataset)]) == 2
    assert "anna has seen all of the 60 labelled by gold" in capsys.readouterr().err


def test_a_retest_draws_finished_episodes_of_ones_own(dataset: Path) -> None:
    write_records(dataset, records_of("anna", TRUTHS[:30], Habits(), 3))
    drawn = retest(dataset, None, None, 10, 7.0)
    assert drawn.annotator == "anna (retest)"
    assert len(drawn.episode_ids) == 10
    assert set(drawn.episode_ids) <= {truth.episode_id for truth in TRUTHS[:30]}
    with pytest.raises(SidecarError, match="ben has finished no episode"):
        retest(dataset, None, "ben", 10, 7.0)


def test_guises_count_nowhere(dataset: Path, capsys: Capture) -> None:
    write_records(dataset, records_of("anna", TRUTHS, Habits(), 3))
    sit(dataset, TRUTHS, Habits(flips=0.5))
    capsys.readouterr()
    assert run(["qa", str(dataset), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [item["annotator"] for item in found["annotators"]] == ["anna", "gold"]
