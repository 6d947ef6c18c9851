"""Why an episode failed: causes, causal chain, further failures, and the clips that show what a cause looks like."""

from collections.abc import Callable
from typing import Protocol

from psygnal import SignalInstance

from failview.loaders.dataset import Dataset
from failview.model.taxonomy import Taxonomy
from failview.session.desk.judging import Judging
from failview.session.desk.open_episode import OpenEpisode
from failview.session.desk.owner_thread import Post
from failview.session.desk.safe import Safe
from failview.session.explaining.clip_player import ClipPlayer
from failview.session.explaining.clip_shelf import ClipShelf
from failview.session.explaining.reference_clips import ReferenceClips
from failview.session.label.causal_chain import CausalChain
from failview.session.label.causes import Causes
from failview.session.label.further_failures import FurtherFailures
from failview.session.label.labelling import Labelling
from failview.session.playing.transport import Transport
from failview.sidecars.clip_file import CLIPS_NAME, ClipFile


class Place(Protocol):
    """What is worked on."""

    @property
    def dataset(self) -> Dataset:
        """The episodes."""

    @property
    def taxonomy(self) -> Taxonomy:
        """The vocabulary."""


class Desk(Protocol):
    """What an explanation needs of a session."""

    safe: Safe
    labelling: Labelling
    judging: Judging
    transport: Transport
    open_episode: OpenEpisode | None
    now: Callable[[], float]

    @property
    def workplace(self) -> Place:
        """What is worked on."""

    @property
    def notice(self) -> SignalInstance:
        """Takes one line for the person."""

    @property
    def opening(self) -> SignalInstance:
        """Tells the episode that is being read."""

    @property
    def opened(self) -> SignalInstance:
        """Tells that an episode is there."""

    def go_to(self, episode_id: str, frame: int = 0) -> bool:
        """Open an episode at a frame; False when there is none of that id."""


class Explanation:
    """Makes the parts and connects them.

    Args:
        desk: The session.
        post: Brings background results to its thread.

    Attributes:
        causes: Sets the causes, and what is said with a few choices.
        chain: Edits the causal chain.
        further: Edits the list of further failures.
        clips: Sets and plays the clips.
    """

    def __init__(self, desk: Desk, post: Post) -> None:
        taxonomy, say = desk.workplace.taxonomy, desk.notice.emit
        seen_frame = desk.labelling.seen_frame
        self.causes = Causes(desk.labelling, desk.judging, say)
        self.chain = CausalChain(self.causes, seen_frame, say)
        self.further = FurtherFailures(taxonomy, self.causes, seen_frame, say)
        file = ClipFile(*desk.safe.companions_of_dataset(CLIPS_NAME))
        self._shelf = ClipShelf(file, [entry.episode_id for entry in desk.workplace.dataset.entries], say, post)
        self._player = ClipPlayer(desk, say, post)
        self.clips = ReferenceClips(taxonomy, self.causes, self._shelf, self._player, say)
        desk.opening.connect(self._player.on_opening)
        desk.opened.connect(self._player.on_opened)
        desk.opened.connect(self._shelf.tell_warnings)

    def close(self) -> None:
        """Wait until everything is on disk."""
        self._shelf.close()
