"""Plays a reference clip once, wherever it is, and comes back to where one was."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from failview.model.taxonomy import ReferenceClip
from failview.session.desk.open_episode import OpenEpisode
from failview.session.desk.owner_thread import Post
from failview.session.playing.transport import Transport


@dataclass(frozen=True)
class _Visit:
    """A clip under way.

    Attributes:
        clip: What is shown.
        title: What it shows.
        home: Episode and frame to come back to.
    """

    clip: ReferenceClip
    title: str
    home: tuple[str, int]


class Desk(Protocol):
    """What the player needs of a session."""

    transport: Transport
    open_episode: OpenEpisode | None
    now: Callable[[], float]

    def go_to(self, episode_id: str, frame: int = 0) -> bool:
        """Open an episode at a frame; False when there is none of that id."""


class ClipPlayer:
    """Goes to a clip, plays it at the speed of the transport, and comes back. Does nothing while no episode is open.

    Who stops it stays there until `come_back`; who goes on to another episode has left for good.

    Args:
        desk: The session.
        say: Takes one line for the person.
        post: Calls back on the session's thread.
    """

    def __init__(self, desk: Desk, say: Callable[[str], None], post: Post) -> None:
        self._desk = desk
        self._say = say
        self._post = post
        self._visit: _Visit | None = None
        self._running = False
        self._is_ours = False
        desk.transport.range_played.connect(self._on_played)

    @property
    def is_away(self) -> bool:
        """Whether there is something to come back to."""
        return self._visit is not None

    def play(self, clip: ReferenceClip, title: str) -> None:
        """Show a clip and come back."""
        opened = self._desk.open_episode
        if opened is None:
            return
        here = opened.episode.episode_id
        self._visit = _Visit(clip, title, (here, self._desk.transport.frame))
        self._say(f'"{title}" looks like this: {clip.episode_id}, frames {clip.start_frame} to {clip.end_frame}.')
        if here == clip.episode_id:
            self._start()
        elif not self._travel(clip.episode_id, clip.start_frame):
            self._visit = None
            self._say(f'"{title}" is shown by {clip.episode_id}, which is not in the queue now.')

    def come_back(self) -> None:
        """Go back to where one was."""
        visit, self._visit, self._running = self._visit, None, False
        if visit is None:
            return
        self._desk.transport.pause()
        episode_id, frame = visit.home
        opened = self._desk.open_episode
        if opened is not None and opened.episode.episode_id == episode_id:
            self._desk.transport.seek(frame)
        else:
            self._travel(episode_id, frame)
        self._say(f'That was "{visit.title}". Back at {episode_id}, frame {frame}.')

    def on_opening(self) -> None:
        """An episode is being opened: by us, or by a person who has left for good."""
        if not self._is_ours:
            self._visit, self._running = None, False

    def on_opened(self) -> None:
        """An episode is there: if it is that of the clip, play, once everybody has shown it."""
        if self._visit is not None:
            self._post(self._start)

    def _start(self) -> None:
        opened, visit = self._desk.open_episode, self._visit
        if visit is not None and opened is not None and opened.episode.episode_id == visit.clip.episode_id:
            clip = visit.clip
            self._desk.transport.play_range(clip.start_frame, clip.end_frame, self._desk.now())
            self._running = True

    def _travel(self, episode_id: str, frame: int) -> bool:
        self._is_ours = True
        try:
            return self._desk.go_to(episode_id, frame)
        finally:
            self._is_ours = False

    def _on_played(self, whole: bool) -> None:
        if not self._running:
            return
        self._running = False
        # Not from within the transport, which is about to say that it stopped.
        self._post(self.come_back if whole else self._tell_stopped)

    def _tell_stopped(self) -> None:
        if self._visit is not None and not self._running:
            episode_id, frame = self._visit.home
            self._say(f"The clip stopped here. The same key goes back to {episode_id}, frame {frame}.")
