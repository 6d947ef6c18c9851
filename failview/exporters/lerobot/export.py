"""`failview export lerobot`: a LeRobot v3.0 dataset with labels; of LeRobot as it is, of other formats converted."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from failview.errors import ExportError
from failview.exporters.export_report import ExportReport, notes_about, notes_about_left_out
from failview.exporters.lerobot.annotated_copy import copy_annotated, files_to_copy
from failview.exporters.lerobot.annotation_columns import LABELS_FILE, TAXONOMY_FILE, labels_table
from failview.exporters.lerobot.converted_episode import (
    ConvertedContent,
    EpisodeContent,
    EpisodeTask,
    EpisodeWork,
    EpisodeWritten,
    LeRobotV2Content,
)
from failview.exporters.lerobot.dataset_files import Written, write_dataset, write_json
from failview.exporters.lerobot.offered import VIDEO, Offer, offered
from failview.exporters.overlay.video_file import Codec
from failview.exporters.survey import Progress, survey
from failview.exporters.whole_output import scratch_beside, whole_folder
from failview.loaders.lerobot.lerobot_episodes import EpisodeRecord, list_v2, list_v3
from failview.loaders.lerobot.lerobot_files import LeRobotFiles
from failview.loaders.lerobot.lerobot_info import BOOKKEEPING, LeRobotInfo, read_info
from failview.loaders.remote.remote_path import RemotePath
from failview.model.clock import FALLBACK_RATE_HZ
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledDataset, LabelledSet
from failview.proposals.spreading import DIED, Spreader, Workers

_RATES_DIFFER = 0.01


@dataclass(frozen=True)
class LeRobotRequest:
    """What is asked for.

    Attributes:
        taxonomy: The vocabulary of the labels.
        codec: How videos are packed where they must be made.
        force: Replace what is there.
        workers: Who does the work.
    """

    taxonomy: Taxonomy
    codec: Codec = Codec.AV1
    force: bool = False
    workers: Workers = field(default_factory=Workers)


def export_lerobot(
    labelled: LabelledDataset, which: LabelledSet, target: Path, request: LeRobotRequest, progress: Progress
) -> ExportReport:
    """Write the dataset; the source is only read.

    Args:
        labelled: The dataset with its labels, open.
        which: The same, as other processes open it.
        target: The folder.
        request: What is asked for.
        progress: Shows how far it is.

    Raises:
        ExportError: It cannot be written there, or no episode can be read.
        DatasetError: A file of the source is damaged.
        ClusterError: The cluster cannot be used.
    """
    source = labelled.dataset.path
    info = read_info(source) if _is_lerobot(labelled) else None
    with whole_folder(target, source, kind="lerobot", force=request.force) as part:
        if info is not None and info.version == 3:
            episodes, notes = _copy(labelled, part, progress)
        else:
            with scratch_beside(part) as scratch:
                run = _Conversion(labelled, which, part, scratch, request, progress)
                episodes, notes = run.from_v2(info) if info is not None else run.from_other()
        pq.write_table(labels_table(list(enumerate(episodes)), labelled.records), part / LABELS_FILE)
        write_json(part / TAXONOMY_FILE, asdict(request.taxonomy))
    count = sum(key in labelled.records for key in episodes)
    return ExportReport(target, len(episodes), count, (*notes_about(labelled), *notes))


def _is_lerobot(labelled: LabelledDataset) -> bool:
    dataset = labelled.dataset
    return dataset.format_name.startswith("LeRobot") and not isinstance(dataset.path, RemotePath)


def _copy(labelled: LabelledDataset, part: Path, progress: Progress) -> tuple[list[str], list[str]]:
    source = labelled.dataset.path
    listed = list_v3(source)
    if [record.index for record in listed] != list(range(len(listed))):
        raise ExportError("the numbers of its episodes have gaps", where=source, hint="Mend it with lerobot first")
    ids = [record.episode_id for record in listed]
    records = {number: labelled.records[key] for number, key in enumerate(ids) if key in labelled.records}
    files = files_to_copy(source)
    copy_annotated(source, part, progress("copying files", files, len(files)), listed, records)
    return ids, ["videos are copied as they are"]


class _Conversion:
    """Writes episodes one by one, and the files around them."""

    def __init__(  # noqa: PLR0913, PLR0917 - a dataset, a place, and how
        self,
        labelled: LabelledDataset,
        which: LabelledSet,
        part: Path,
        scratch: Path,
        request: LeRobotRequest,
        progress: Progress,
    ) -> None:
        self._labelled = labelled
        self._which = which
        self._part = part
        self._scratch = scratch
        self._request = request
        self._progress = progress

    def from_v2(self, info: LeRobotInfo) -> tuple[list[str], list[str]]:
        """From LeRobot v2: its own columns and videos. Gives the episodes' ids and notes."""
        source = self._labelled.dataset.path
        files = LeRobotFiles(source, info)
        keys = [key for key, feature in info.features.items() if feature.dtype == VIDEO]
        if bad := [key for key in keys if _leads_elsewhere(key)]:
            raise ExportError(f"{bad[0]!r} is no name for a camera", where=source / "meta" / "info.json")
        data, videos, problems = {}, {}, {}
        for record in list_v2(source):
            found = {key: path for key in keys if (path := files.video_file(record, key)) is not None}
            rows = files.data_file(record)
            if rows is None or len(found) < len(keys):
                problems[record.episode_id] = _what_is_missing(
                    record, files, rows, [key for key in keys if key not in found]
                )
                continue
            data[record.episode_id], videos[record.episode_id] = rows, found
        declared: dict[str, Any] = json.loads((source / "meta" / "info.json").read_text(encoding="utf-8"))["features"]
        features = {name: item for name, item in declared.items() if name not in BOOKKEEPING}
        with Spreader(self._request.workers) as spreader:
            done, notes = self._write(
                spreader,
                LeRobotV2Content(data, videos),
                list(data),
                problems,
                features,
                info.rate_hz or FALLBACK_RATE_HZ,
            )
        return done, [*notes, "videos are copied as they are"]

    def from_other(self) -> tuple[list[str], list[str]]:
        """From any format: what all episodes have in common, videos encoded. Gives the episodes' ids and notes."""
        ids = [entry.episode_id for entry in self._labelled.entries]
        with Spreader(self._request.workers) as spreader:
            common = survey(spreader, self._which, ids, offered, self._progress)
            rate_hz, notes = _rate(common.rates_hz)
            content = ConvertedContent(common.columns, rate_hz, self._request.codec)
            features = {name: offer.as_json() for name, offer in common.columns.items()}
            done, more = self._write(spreader, content, common.readable, dict(common.problems), features, rate_hz)
        notes += [*common.notes, *more, *_about(common.columns, self._request.codec)]
        return done, notes

    def _write(  # noqa: PLR0913, PLR0917 - what is written, of which episodes
        self,
        spreader: Spreader,
        content: EpisodeContent,
        ids: Sequence[str],
        problems: dict[str, str],
        features: Mapping[str, Any],
        rate_hz: float,
    ) -> tuple[list[str], list[str]]:
        tasks = [EpisodeTask(key, number, self._scratch / f"{number}.parquet") for number, key in enumerate(ids)]
        work = EpisodeWork(self._which, content, self._part)
        results = spreader.spread(work, tasks, lambda _: EpisodeWritten(problem=DIED))
        found: dict[str, EpisodeWritten] = {
            task.episode_id: item for task, item in self._progress("writing episodes", results, len(tasks))
        }
        problems |= {key: found[key].problem for key in ids if found[key].problem}
        written = [
            Written(task, found[task.episode_id], self._labelled.records.get(task.episode_id))
            for task in tasks
            if not found[task.episode_id].problem
        ]
        notes = notes_about_left_out(problems)
        if not written:
            raise ExportError("no episode can be written", where=self._labelled.dataset.path, hint="; ".join(notes[:3]))
        facts = written[0].found.videos
        declared = {name: {**item, "info": facts[name]} if name in facts else item for name, item in features.items()}
        write_dataset(self._part, written, declared, rate_hz, "")
        return [item.task.episode_id for item in written], notes


def _leads_elsewhere(key: str) -> bool:
    """Whether a name out of a file is no plain name of a folder."""
    return Path(key).name != key or key in {"", ".", ".."} or "\\" in key


def _what_is_missing(record: EpisodeRecord, files: LeRobotFiles, rows: Path | None, keys: Sequence[str]) -> str:
    missing = "its data file" if rows is None else files.expected_video(record, keys[0])
    return f"{missing} is missing"


def _rate(known: Sequence[float]) -> tuple[float, list[str]]:
    """The frame rate of the export, and what is not as it was recorded."""
    if not known:
        return FALLBACK_RATE_HZ, [f"no rate is recorded: {FALLBACK_RATE_HZ:g} frames a second are assumed"]
    rate_hz = statistics.median(known)
    rate_hz = round(rate_hz) if abs(rate_hz - round(rate_hz)) < _RATES_DIFFER * rate_hz else round(rate_hz, 3)
    if max(known) > rate_hz * (1 + _RATES_DIFFER) or min(known) < rate_hz * (1 - _RATES_DIFFER):
        told = f"episodes run at {min(known):.3g} to {max(known):.3g} Hz"
        return rate_hz, [f"{told}: in the export all run at {rate_hz:g}; LeRobot knows one rate"]
    return rate_hz, []


def _about(columns: Mapping[str, Offer], codec: Codec) -> list[str]:
    notes = [] if "action" in columns else ["no action in common: policies cannot learn from these episodes"]
    if any(offer.dtype == VIDEO for offer in columns.values()):
        notes.append(f"pictures are packed as {codec.value.upper()} video")
    return notes
