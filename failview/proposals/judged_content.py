"""Hash over an episode as the detectors see it."""

import hashlib

from failview.model.clock import TimesNs
from failview.model.episode import Episode


def content_hash(episode: Episode) -> str:
    """Hash over the content of an episode and over what its file says about it: times, units, names, task.

    The fingerprint of the source stands for the numbers and the pictures.
    """
    digest = hashlib.sha256(episode.source.fingerprint.encode())

    def add(words: object, times_ns: TimesNs | None) -> None:
        digest.update(repr(words).encode("utf-8", "surrogatepass") + b"\n")
        digest.update(b"" if times_ns is None else times_ns.tobytes())

    add((episode.num_frames, episode.task, sorted(episode.cameras)), episode.clock.times_ns)
    for role in sorted(episode.signals):
        signal = episode.signals[role]
        how = episode.assignments.get(role)
        add((role.value, signal.stream, signal.unit, signal.labels, signal.text_values, how), signal.times_ns)
    return f"sha256:{digest.hexdigest()}"
