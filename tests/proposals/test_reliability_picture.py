"""The curve is drawn where its proposals are."""

from pathlib import Path

import pytest

from failview.detectors.calibration.labels import Label, Meanings
from failview.detectors.calibration.scores import Scores, score
from failview.errors import DatasetError
from failview.model.detection import EpisodeFindings, FieldProposal, ProposedField
from failview.proposals.reliability_picture import write_reliability


def scores(confidence: float) -> Scores:
    """Twenty outcomes of one confidence, of which fifteen are right."""
    judged = []
    for number in range(20):
        proposal = {ProposedField.OUTCOME: FieldProposal("failure", confidence, "", "grasp")}
        outcome = "failure" if number < 15 else "success"
        label = Label(f"e{number}", frozenset({outcome}), frozenset({None}), None)
        judged.append((EpisodeFindings(f"e{number}", (), proposal, {}), label))
    return score(judged, Meanings())


def test_svg_names_both_sides_and_the_counts(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    write_reliability(path, scores(0.9), scores(0.7))
    text = path.read_text(encoding="utf-8")
    for words in ("before", "after, cross-validated", "Brier 0.210", "Brier 0.190", "nothing proposed", "20"):
        assert words in text


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no such folder"):
        write_reliability(tmp_path / "nowhere" / "curve.png", scores(0.9), scores(0.9))
