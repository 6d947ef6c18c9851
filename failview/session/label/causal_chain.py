"""The causal chain of the open episode: what led to what, link by link."""

from collections.abc import Callable
from dataclasses import replace

from failview.model.annotation import CausalLink
from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.causes import Causes

_FIELD = "causal_chain"


class CausalChain:
    """Changes the chain; each change is one step that undo takes back, and of what is typed a word at a time.

    Links are told by their place in the chain. The place behind the last one is that of the next link.

    Args:
        causes: Knows whether the open episode has a chain.
        seen_frame: Tells the frame that is on the screen.
        say: Takes one line for the person.
    """

    def __init__(self, causes: Causes, seen_frame: Callable[[], int], say: Callable[[str], None]) -> None:
        self._causes = causes
        self._seen_frame = seen_frame
        self._say = say

    def type_text(self, place: int, part: str, text: str) -> None:
        """Type the cause or the effect of a link; behind the last one this makes a new link.

        Args:
            place: Which link.
            part: "cause" or "effect".
            text: All of its text as it is now.

        Raises:
            ValueError: Not a part of a link.
        """
        if part not in ("cause", "effect"):
            raise ValueError(f"{part} is not a part of a causal link")
        opened = self._causes.failed_episode()
        if opened is None:
            return
        links = opened.annotation.causal_chain
        if place < len(links):
            before = links[place]
            link = replace(before, cause=text) if part == "cause" else replace(before, effect=text)
        elif not text:
            return
        elif part == "cause":
            link = CausalLink(text, "")
        else:
            link = CausalLink(next_cause(links), text)
        # A word more or less is a new step for undo.
        typing = f"{_FIELD}[{place}].{part}, word {len(text.split())}"
        opened.draft.set_fields({_FIELD: (*links[:place], link, *links[place + 1 :])}, typing=typing)

    def set_frame_here(self, place: int) -> None:
        """This link is seen at the frame that the person sees; a link that has just this frame loses it."""
        opened = self._with_link(place)
        if opened is None:
            return
        links, frame = opened.annotation.causal_chain, self._seen_frame()
        link = replace(links[place], frame=None if links[place].frame == frame else frame)
        self._put(opened, (*links[:place], link, *links[place + 1 :]))

    def move(self, place: int, steps: int) -> int:
        """Move a link towards the end of the chain, or its beginning; its new place."""
        opened = self._with_link(place)
        if opened is None:
            return place
        links = list(opened.annotation.causal_chain)
        target = max(0, min(place + steps, len(links) - 1))
        links.insert(target, links.pop(place))
        self._put(opened, tuple(links))
        return target

    def delete(self, place: int) -> None:
        """Take a link out of the chain."""
        opened = self._with_link(place)
        if opened is not None:
            links = opened.annotation.causal_chain
            self._put(opened, links[:place] + links[place + 1 :])

    def _with_link(self, place: int) -> OpenEpisode | None:
        """The open episode if it has a link at this place that may be changed."""
        opened = self._causes.failed_episode()
        if opened is not None and not 0 <= place < len(opened.annotation.causal_chain):
            self._say("There is no link here yet: write its cause or its effect first.")
            return None
        return opened

    def _put(self, opened: OpenEpisode, links: tuple[CausalLink, ...]) -> None:
        opened.draft.set_fields({_FIELD: links})


def next_cause(links: tuple[CausalLink, ...]) -> str:
    """What the next link is suggested to begin with: what the last one led to."""
    return links[-1].effect if links else ""
