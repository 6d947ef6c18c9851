"""The result of an exam: how far somebody agrees with the gold labels on episodes that they had not seen."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failview.model.annotation import Annotation, Outcome
from failview.model.taxonomy import Taxonomy
from failview.quality.agreement import Agreement, Scale, pair
from failview.sidecars.atomic_file import read_file, replace_computed

PASS_KAPPA = 0.75
NAME = "exams.json"
"""File of the results, beside the sidecars."""


@dataclass(frozen=True)
class ExamResult:
    """How an exam went.

    Attributes:
        annotator: The name that its labels are kept under.
        gold: The annotator whose labels are the answers.
        agreement: On what an episode is: a success, or a failure of which category.
        wrong: Episodes that are something else, with (what was said, the answer).
    """

    annotator: str
    gold: str
    agreement: Agreement
    wrong: Mapping[str, tuple[str, str]]

    @property
    def passed(self) -> bool:
        """Whether kappa is above PASS_KAPPA; where it is not defined, whether all agree."""
        kappa = self.agreement.kappa.value
        return self.agreement.percentage.value == 1.0 if kappa is None else kappa > PASS_KAPPA


def exam_result(
    annotator: str, gold: str, said: Mapping[str, Annotation], answers: Mapping[str, Annotation], taxonomy: Taxonomy
) -> ExamResult:
    """Compare the labels of an exam with the gold ones.

    Args:
        annotator: The name that the exam's labels are kept under.
        gold: Whose labels are the answers.
        said: Finished labels of the exam by episode id.
        answers: Gold labels by episode id.
        taxonomy: The vocabulary.
    """
    theirs = {key: _kind(label) for key, label in said.items()}
    right = {key: _kind(answers[key]) for key in theirs}
    scale = Scale("episode", (Outcome.SUCCESS.value, *(item.id for item in taxonomy.categories)), PASS_KAPPA)
    found = pair({annotator: theirs, gold: right}, scale, (annotator, gold))
    wrong = {key: (theirs[key], right[key]) for key in sorted(theirs) if theirs[key] != right[key]}
    return ExamResult(annotator, gold, found, wrong)


def keep_result(path: Path, result: ExamResult, finished_at: str) -> None:
    """Add a result to the file of results, once.

    Raises:
        OSError: It cannot be written.
    """
    kept = [item for item in read_results(path) if item.get("annotator") != result.annotator]
    agreement = result.agreement
    kept.append(
        {
            "annotator": result.annotator,
            "gold": result.gold,
            "finished_at": finished_at,
            "episodes": agreement.n,
            "kappa": agreement.kappa.value,
            "low": agreement.kappa.low,
            "high": agreement.kappa.high,
            "percentage": agreement.percentage.value,
            "passed": result.passed,
            "wrong": {key: {"said": said, "gold": right} for key, (said, right) in result.wrong.items()},
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_computed(path, (json.dumps(kept, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace"))


def read_results(*paths: Path) -> Sequence[dict[str, Any]]:
    """Results kept before, from the first of the places that has them; none where the file is damaged."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError, RecursionError):
            found = read_file(path)
            content = None if found is None else json.loads(found[0])
            if isinstance(content, list):
                return [item for item in content if isinstance(item, dict)]
    return []


def _kind(label: Annotation) -> str:
    """What an episode is: a success, or a failure of a category; a partial success is a failure of it."""
    if label.outcome in {None, Outcome.SUCCESS}:
        return Outcome.SUCCESS.value
    return label.failure_category or "failure"
