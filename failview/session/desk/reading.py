"""Reads an episode with what was said about it before; on the loader's thread."""

from collections.abc import Callable, Sequence

from failview.model.annotation import AnnotationRecord
from failview.model.episode import Episode
from failview.session.desk.episode_loader import ReadEpisode
from failview.session.desk.safe import Safe
from failview.session.desk.workplace import Workplace
from failview.sidecars.dataset_records import is_finished
from failview.sidecars.work_done import WorkDone


class EpisodeReader:
    """Reads episodes for one annotator.

    Args:
        workplace: What to work on.
        safe: Where the annotations lie.
        others: Tells the work of other annotators on an episode.
    """

    def __init__(self, workplace: Workplace, safe: Safe, others: Callable[[str], Sequence[WorkDone]]) -> None:
        self._workplace = workplace
        self._safe = safe
        self._others = others

    def read(self, episode_id: str) -> ReadEpisode:
        """An episode, its sidecar, and the labels of others that are finished.

        Raises:
            failview.errors.FailviewError: The episode or its sidecar cannot be read.
        """
        episode = self._workplace.dataset.open_episode(episode_id)
        stored = self._safe.take_out(self.fresh_record(episode))
        others = tuple(
            record for record in self._safe.labels_of_others(self._others(episode_id)) if is_finished(record)
        )
        return ReadEpisode(episode, stored, others)

    def fresh_record(self, episode: Episode) -> AnnotationRecord:
        """A record about which nothing is said yet."""
        return AnnotationRecord(
            episode_id=episode.episode_id,
            annotator=self._workplace.annotator,
            taxonomy_id=self._workplace.taxonomy.id,
            taxonomy_version=self._workplace.taxonomy.version,
            source_path=episode.source.path,
            source_format=episode.source.format_name,
            source_fingerprint=episode.source.fingerprint,
            num_frames=episode.num_frames,
        )
