"""What a session works on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from failview.loaders.dataset import Dataset
from failview.model.annotation import Annotation, Stage
from failview.model.taxonomy import Taxonomy
from failview.proposals.short_proposals import ShortProposal
from failview.session.desk.judging import FindingsSource
from failview.settings.thresholds import DetectorSettings
from failview.settings.work_rules import WorkRules


@dataclass(frozen=True)
class Workplace:
    """What a session works on.

    Attributes:
        dataset: The episodes.
        taxonomy: The vocabulary.
        annotator: Who annotates.
        stage: The stage to begin with; None for the first one in which something is left to do.
        findings: What the detectors found; None for a work without proposals.
        proposals: What is proposed as far as it is known already, by episode id.
        rules: How the work is shared out.
        thresholds: From where on a signal contradicts a label.
        answers: In practice, the gold label by episode id: told when an episode is finished.
    """

    dataset: Dataset
    taxonomy: Taxonomy
    annotator: str
    stage: Stage | None = Stage.DETAIL
    findings: FindingsSource | None = None
    proposals: Mapping[str, ShortProposal] = field(default_factory=dict)
    rules: WorkRules = field(default_factory=WorkRules)
    thresholds: DetectorSettings = field(default_factory=DetectorSettings)
    answers: Mapping[str, Annotation] = field(default_factory=dict)
