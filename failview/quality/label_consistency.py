"""Every label of a dataset against the signals of its episode, as far as the detectors have judged it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from failview import __version__
from failview.errors import FailviewError
from failview.model.annotation import Annotation
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.detector_settings import settings_json
from failview.quality.consistency import RULES, Consistency, Contradiction, Unchecked, check_label
from failview.quality.label_row import LabelRow
from failview.quality.signal_evidence import SignalEvidence, Yardstick
from failview.sidecars.work_done import Remembered

_STATE = "state"


@dataclass(frozen=True)
class FoundContradiction:
    """A label that a signal contradicts.

    Attributes:
        episode_id: The episode.
        annotator: Whose label it is.
        contradiction: What contradicts.
        decided_by: The reviewer who decided, with a reason, that the field is to be so; empty when nobody did.
    """

    episode_id: str
    annotator: str
    contradiction: Contradiction
    decided_by: str = ""

    @property
    def frame(self) -> int:
        """Where to look first."""
        return self.contradiction.frames[0] if self.contradiction.frames else 0


@dataclass(frozen=True)
class DatasetConsistency:
    """All labels against all signals.

    Attributes:
        found: Contradictions, by episode.
        labels: Labels that were held against signals.
        rules: Times that a rule was asked and had its signal.
        unchecked: Times that a rule's signal was missing, by (rule, reason), most first.
        not_judged: Labelled episodes that the detectors have not judged as they are now.
    """

    found: tuple[FoundContradiction, ...] = ()
    labels: int = 0
    rules: int = 0
    unchecked: Mapping[tuple[str, str], int] = field(default_factory=dict)
    not_judged: int = 0

    @property
    def num_decided(self) -> int:
        """Contradictions about which a reviewer decided."""
        return sum(bool(item.decided_by) for item in self.found)


class EpisodeSource(Protocol):
    """Where findings and episodes come from."""

    def findings_of(self, episode_id: str) -> EpisodeFindings | None:
        """What the detectors found in an episode as it is now, with raw arrays; None when nobody has judged it."""

    def findings_file(self, episode_id: str) -> Path:
        """The file that the findings are in, by whose state it is known whether they changed."""

    def state_of(self, episode_id: str) -> str:
        """State of the source files of an episode; empty when it cannot be told."""

    def open_episode(self, episode_id: str) -> Episode:
        """Read an episode.

        Raises:
            FailviewError: It cannot be read.
        """

    def rate_hz(self, episode_id: str) -> float:
        """Frames per second; a nominal pace where nothing tells it."""


def check_labels(
    rows: Iterable[tuple[str, Sequence[LabelRow]]], source: EpisodeSource, yardstick: Yardstick, remembered: Remembered
) -> DatasetConsistency:
    """Ask all rules about all labels. What was asked before, about the same label and findings, is not asked again.

    Args:
        rows: Labels by episode id, as shown by a progress bar where somebody waits.
        source: Findings and episodes.
        yardstick: What labels are measured by.
        remembered: From an earlier run; gets what is found now.
    """
    found: list[FoundContradiction] = []
    unchecked: Counter[tuple[str, str]] = Counter()
    labels = rules = not_judged = 0
    for episode_id, of_episode in rows:
        answers = _answers(episode_id, of_episode, source, yardstick, remembered)
        if answers is None:
            not_judged += 1
            continue
        for row, answer in zip(of_episode, answers, strict=True):
            labels += 1
            rules += answer.agreed + len(answer.contradictions)
            found += [
                FoundContradiction(episode_id, row.annotator, item, _decided_by(row, of_episode, item.field))
                for item in answer.contradictions
            ]
            unchecked.update((item.rule, item.reason) for item in answer.unchecked)
    remembered.save()
    return DatasetConsistency(tuple(found), labels, rules, dict(unchecked.most_common()), not_judged)


def _decided_by(row: LabelRow, of_episode: Sequence[LabelRow], name: str) -> str:
    """Who decided that a field is to be as this label says: in its own review, or in that of another label."""
    said = getattr(row.annotation, name)
    same = (item.decided_by for item in of_episode if getattr(item.annotation, name) == said)
    return row.decided_by or next(filter(None, same), "")


def _answers(
    episode_id: str,
    rows: Sequence[LabelRow],
    source: EpisodeSource,
    yardstick: Yardstick,
    remembered: Remembered,
) -> list[Consistency] | None:
    """What the rules say about each label of an episode; None when the detectors have not judged it."""
    file, state = source.findings_file(episode_id), source.state_of(episode_id)
    keys = [_label_key(row.annotation) for row in rows]
    known = remembered.get(file)
    if isinstance(known, dict) and state and known.get(_STATE) == state:
        answers = [_from_json(known.get(key)) for key in keys]
        if all(answer is not None for answer in answers):
            return [answer for answer in answers if answer is not None]
    findings = source.findings_of(episode_id)
    if findings is None:
        return None
    evidence = SignalEvidence(
        findings,
        yardstick,
        max(row.num_frames for row in rows),
        source.rate_hz(episode_id),
        _reader(source, episode_id),
    )
    fresh = {key: check_label(row.annotation, evidence) for key, row in zip(keys, rows, strict=True)}
    remembered.put(file, {_STATE: state} | {key: _to_json(answer) for key, answer in fresh.items()})
    return [fresh[key] for key in keys]


def _reader(source: EpisodeSource, episode_id: str) -> Any:
    def read() -> Episode | None:
        try:
            return source.open_episode(episode_id)
        except FailviewError:
            return None

    return read


def remembered_as(yardstick: Yardstick) -> str:
    """Kind of what is remembered: another one when thresholds, taxonomy or rules change."""
    taxonomy = [(category.id, category.subcategories) for category in yardstick.taxonomy.categories]
    said = json.dumps([settings_json(yardstick.settings), repr(taxonomy), _code_hash()], sort_keys=True)
    return f"consistency 1 {hashlib.sha256(said.encode()).hexdigest()[:32]}"


@cache
def _code_hash() -> str:
    digest = hashlib.sha256(__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _label_key(label: Annotation) -> str:
    asked = {rule.field for rule in RULES}
    said = [(name, getattr(label, name)) for name in sorted(asked | {"failure_onset_frame", "failure_subcategory"})]
    return json.dumps(said)


def _to_json(answer: Consistency) -> list[Any]:
    return [
        [[item.rule, item.field, item.words, list(item.frames)] for item in answer.contradictions],
        [[item.rule, item.reason] for item in answer.unchecked],
        answer.agreed,
    ]


def _from_json(remembered: Any) -> Consistency | None:
    match remembered:
        case [list(contradictions), list(unchecked), int(agreed)]:
            try:
                return Consistency(
                    tuple(
                        Contradiction(rule, field, words, tuple(frames))
                        for rule, field, words, frames in contradictions
                    ),
                    tuple(Unchecked(rule, reason) for rule, reason in unchecked),
                    agreed,
                )
            except (ValueError, TypeError):
                return None
    return None
