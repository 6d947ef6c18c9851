"""Asks the rules of consistency about planted episodes."""

import numpy as np

from failview.model.annotation import Annotation, Outcome
from failview.model.detection import EpisodeFindings, ProposedField
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.quality.consistency import Consistency, Contradiction, check_label
from failview.quality.signal_evidence import SignalEvidence, Yardstick
from failview.settings.thresholds import DetectorSettings
from failview.sidecars.taxonomy_file import load_default_taxonomy
from tests.detectors.gripper_story import findings
from tests.detectors.task_success.pick_and_place import signal, with_signals

TAXONOMY = load_default_taxonomy()


def failure(subcategory: str, onset: int | None = None, **more: object) -> Annotation:
    category = TAXONOMY.category_of(subcategory)
    assert category is not None
    return Annotation(Outcome.FAILURE, category.id, subcategory, onset, **more)


def evidence_of(
    episode: Episode,
    *,
    found: EpisodeFindings | None = None,
    settings: DetectorSettings | None = None,
    readable: bool = True,
) -> SignalEvidence:
    settings = settings or DetectorSettings()
    return SignalEvidence(
        found or findings(episode, settings),
        Yardstick(settings, TAXONOMY),
        episode.num_frames,
        episode.clock.pace_hz,
        lambda: episode if readable else None,
    )


def checked(label: Annotation, episode: Episode, **options: object) -> Consistency:
    return check_label(label, evidence_of(episode, **options))


def said(label: Annotation, episode: Episode, **options: object) -> dict[str, Contradiction]:
    """Contradictions by rule; every frame in them is one of the episode, and their words take all of them."""
    found = checked(label, episode, **options).contradictions
    for item in found:
        assert all(0 <= frame < episode.num_frames for frame in item.frames), item
        assert item.words.count("{}") == len(item.frames), item
        assert "nan" not in item.text, item
    return {item.rule: item for item in found}


def proposed_label(found: EpisodeFindings) -> Annotation:
    """The proposal, accepted as it is."""
    values = {field.value: item.value for field, item in found.proposal.items()}
    outcome = values.pop(ProposedField.OUTCOME.value, None)
    return Annotation(None if outcome is None else Outcome(str(outcome)), **values)


def with_goal(episode: Episode, goal_m: tuple[float, float, float]) -> Episode:
    """The episode with a goal that stands still."""
    goal = np.tile(np.array(goal_m), (episode.num_frames, 1))
    return with_signals(episode, {Role.GOAL_POSITION: signal(Role.GOAL_POSITION, goal)})
