"""What the viewer gets of an episode whose proposal is hidden."""

from dataclasses import replace

from failview.model.episode import Episode

_BLIND = " (blind)"


def for_viewer(episode: Episode, *, hidden: bool) -> Episode:
    """The episode; while its proposal is hidden, one that the viewer does not know.

    The viewer keeps what it has logged of an episode, and findings may be in it: from the review, or from before the
    episode was drawn for a blind check.
    """
    if not hidden:
        return episode
    return replace(episode, source=replace(episode.source, fingerprint=episode.source.fingerprint + _BLIND))
