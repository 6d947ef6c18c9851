"""Gathers what `failview qa` reports on, before anything is printed."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from failview.cli.progress_bar import progress_bar
from failview.loaders.index_cache import IndexCache
from failview.loaders.opening import OpenedDataset
from failview.model.taxonomy import Taxonomy
from failview.proposals.detector_settings import settings_of
from failview.proposals.short_proposals import REMEMBERED_AS as PROPOSALS_AS
from failview.proposals.short_proposals import short_proposals
from failview.quality.dataset_source import DatasetSource, measured_rates
from failview.quality.findings import Finding
from failview.quality.label_consistency import DatasetConsistency, check_labels, remembered_as
from failview.quality.label_row import REMEMBERED_AS as LABELS_AS
from failview.quality.label_row import LabelRow
from failview.quality.labels import Labels, read_labels
from failview.quality.report import QaInput, QaReport, qa_report
from failview.quality.signal_evidence import Yardstick
from failview.sidecars.location import SidecarLocation


@dataclass(frozen=True)
class QaRequest:
    """What is asked.

    Attributes:
        dataset: The dataset, as the user named it.
        profile: Profile in place of the one beside the data.
        me: Whose annotations `failview open` takes up when nobody is named.
    """

    dataset: Path
    profile: Path | None
    me: str

    def command(self, finding: Finding) -> str:
        """What opens the episode of a finding at its frame; empty when it is about none."""
        return self.open_at(finding.episode_id, finding.frame, finding.annotator) if finding.episode_id else ""

    def open_at(self, episode_id: str, frame: int, annotator: str = "") -> str:
        """What opens an episode at a frame, with the label of an annotator."""
        whose = () if annotator in {"", self.me} else ("--annotator", annotator)
        profile = () if self.profile is None else ("--profile", str(self.profile))
        at = ("--episode", episode_id, "--frame", str(frame))
        return shlex.join(("failview", "open", str(self.dataset), *at, *whose, *profile))


def report_on(dataset: OpenedDataset, taxonomy: Taxonomy, request: QaRequest) -> QaReport:
    """Read sidecars and findings, and work everything out. No episode is read unless a rule asks for one.

    Raises:
        SidecarError: A folder of sidecars cannot be listed.
    """
    places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    location = SidecarLocation(dataset.path, places)
    labels = read_labels(location, IndexCache(dataset.path, LABELS_AS), progress_bar)
    labelled = sorted({row.episode_id for row in labels.plain})
    proposals = short_proposals(location, labelled, IndexCache(dataset.path, PROPOSALS_AS), progress_bar)
    rates_hz = measured_rates(dataset, labelled)
    yardstick = Yardstick(settings_of(dataset.profile), taxonomy)
    given = QaInput(
        str(request.dataset),
        len(dataset.entries),
        labels,
        taxonomy,
        proposals,
        rates_hz,
        {entry.episode_id: entry.task for entry in dataset.entries},
        _objects(dataset),
        _consistency(labels, DatasetSource(dataset, location, rates_hz), bool(proposals), yardstick, dataset),
    )
    return qa_report(given)


def _consistency(
    labels: Labels, source: DatasetSource, is_judged: bool, yardstick: Yardstick, dataset: OpenedDataset
) -> DatasetConsistency:
    """All finished labels against the signals of the episodes that were judged."""
    by_episode: dict[str, list[LabelRow]] = {}
    for row in labels.plain:
        if row.is_finished:
            by_episode.setdefault(row.episode_id, []).append(row)

    def shown() -> Iterator[tuple[str, Sequence[LabelRow]]]:
        keys = [entry.episode_id for entry in dataset.entries if entry.episode_id in by_episode]
        for key in progress_bar(keys, "comparing labels with signals"):
            yield key, by_episode[key]

    if not is_judged:
        return DatasetConsistency(not_judged=len(by_episode))
    remembered = IndexCache(dataset.path, remembered_as(yardstick))
    return check_labels(shown(), source, yardstick, remembered)


def _objects(dataset: OpenedDataset) -> dict[str, str]:
    """What the profiles say is handled, by episode id."""
    named = {}
    for entry in dataset.entries:
        part, _ = dataset.part_of(entry.episode_id)
        if part.profile.object_name:
            named[entry.episode_id] = part.profile.object_name
    return named
