"""What is known of the episodes of an open dataset, for the application; judges the open episode when nothing is."""

import contextlib
import threading
from dataclasses import replace
from functools import cached_property
from typing import Any

from failview.loaders.opening import OpenedDataset
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.array_archive import DAMAGED
from failview.proposals.dataset_file import NAME, LearntFile, plain_hash, read_learnt
from failview.proposals.detector_settings import settings_of
from failview.proposals.detectors_port import CATALOGUE, Detectors, detectors_of
from failview.proposals.findings_file import (
    SUFFIX,
    Head,
    read_arrays,
    read_findings,
    read_head,
    write_findings,
    write_look,
)
from failview.proposals.findings_json import findings_json, kept_findings
from failview.proposals.judged_content import content_hash
from failview.proposals.judging_key import judging_key
from failview.proposals.plain_values import from_plain, to_plain
from failview.proposals.source_stamps import SourceStamps
from failview.sidecars.location import SidecarLocation


class FindingsStore:
    """Findings of one dataset. May be used from several threads.

    Args:
        dataset: The dataset, open.
        location: Where its sidecars lie.
        detectors: Module with the detectors.
    """

    def __init__(self, dataset: OpenedDataset, location: SidecarLocation, detectors: str = CATALOGUE) -> None:
        self._dataset = dataset
        self._location = location
        self._module = detectors
        self._stamps = SourceStamps()
        self._lock = threading.Lock()
        self._keys: dict[int, str] = {}

    def findings_of(self, episode_id: str) -> EpisodeFindings | None:
        """What `failview detect` found, with raw arrays; None when it has not judged this episode as it is now.

        The episode itself is not read: by the state of its files it is known to be unchanged.
        """
        stamp = self.state_of(episode_id)
        return self._kept(episode_id, stamp=stamp) if stamp else None

    def known(self, episode: Episode) -> EpisodeFindings | None:
        """What was found in an episode as it is now, with raw arrays; None when nobody judged it yet."""
        return self._kept(episode.episode_id, fingerprint=content_hash(episode))

    def state_of(self, episode_id: str) -> str:
        """State of the source files of an episode; to be asked before it is read. Empty when it cannot be told."""
        return self._stamps.of(self._dataset.place(episode_id))

    def judge_now(self, episode: Episode, state: str = "") -> EpisodeFindings:
        """Findings of an episode of the dataset, with raw arrays: known ones, else the detectors run here and now.

        Other episodes count as far as `failview detect` has learnt from them. What is found is kept where that can be.

        Args:
            episode: The episode.
            state: Of its source files, as they were before it was read; without, what is kept is known by its content.
        """
        kept = self.known(episode)
        if kept is not None:
            return kept
        detectors = self._detectors
        part, _ = self._dataset.part_of(episode.episode_id)
        settings = settings_of(part.profile)
        look = detectors.first_look(episode, settings)
        learnt = self._learnt()
        findings = detectors.conclude(look, _made(detectors, learnt), settings)
        findings = replace(findings, episode_id=episode.episode_id)
        head = Head(episode.episode_id, content_hash(episode), self._key(episode.episode_id), state)
        plain, plain_findings = to_plain(look.without_arrays()), findings_json(findings)
        file = self._location.companions(episode.episode_id, SUFFIX)[0]
        with contextlib.suppress(*DAMAGED):  # a full disk, or another failview that writes there at the same time
            write_look(file, head, plain, look.arrays, look.array_times_ns)
            write_findings(file, head.key, _hash(learnt), plain_findings)
        return findings

    @cached_property
    def _detectors(self) -> Detectors:
        return detectors_of(self._module)

    def _kept(self, episode_id: str, *, stamp: str = "", fingerprint: str = "") -> EpisodeFindings | None:
        """Findings in a file of the same content, settings and knowledge of the others."""
        for file in self._location.companions(episode_id, SUFFIX):
            head, found = read_head(file), read_findings(file)
            if head is None or found is None or (stamp and head.stamp != stamp):
                continue
            if fingerprint and head.fingerprint != fingerprint:
                continue
            if head.key != self._key(episode_id) or found[0] != _hash(self._learnt()):
                continue
            with contextlib.suppress(*DAMAGED):
                arrays, times_ns = read_arrays(file)
                return replace(kept_findings(found[1]), arrays=arrays, array_times_ns=times_ns)
        return None

    def _key(self, episode_id: str) -> str:
        part, _ = self._dataset.part_of(episode_id)
        with self._lock:
            if id(part) not in self._keys:
                self._keys[id(part)] = judging_key(part)
            return self._keys[id(part)]

    def _learnt(self) -> LearntFile | None:
        return read_learnt(*self._location.companions_of_dataset(NAME))


def _hash(learnt: LearntFile | None) -> str:
    return plain_hash(None) if learnt is None else learnt.hash


def _made(detectors: Detectors, learnt: LearntFile | None) -> Any:
    """What was learnt; None for what another failview wrote."""
    if learnt is None:
        return None
    try:
        return from_plain(learnt.learnt, detectors.Learnt)
    except DAMAGED:
        return None
