"""Why something cannot be done now, in a few words: for what lists actions. Cheap, as it is asked for all of them."""

from collections.abc import Callable

from failview.model.annotation import Stage
from failview.session.actions import Action
from failview.session.desk.judging import JudgingState
from failview.session.desk.viewer_port import ViewerState
from failview.session.session import Session


def why_not(action: Action, session: Session) -> str:
    """Why an action cannot be done now; empty when nothing is known against it."""
    asked = _BY_ID.get(action.id) or _BY_GROUP.get(action.group)
    return "" if asked is None else asked(session)


def _not_open(session: Session) -> str:
    return "no episode is open" if session.open_episode is None else ""


def _not_editable(session: Session) -> str:
    return "read-only" if session.labelling.read_only_reason else _not_open(session)


def _nothing_proposed(session: Session) -> str:
    opened = session.open_episode
    if opened is None or _not_editable(session) or session.stage is Stage.REVIEW:
        return _not_editable(session)
    judgement = session.judging.of(opened.episode)
    if judgement.state is JudgingState.JUDGING:
        return "still judging"
    return "" if judgement.findings is not None and judgement.findings.proposal else "nothing is proposed"


def _not_in_triage(session: Session) -> str:
    return "belongs to the detail stage" if session.stage is Stage.TRIAGE else _not_editable(session)


def _no_other_side(session: Session) -> str:
    return "" if session.review.is_on else "sides are compared in the review"


def _not_narrowed(session: Session) -> str:
    return "" if session.filter.narrows else "all of it is shown"


def _is_this_stage(stage: Stage) -> "Asked":
    return lambda session: "this is the stage" if session.stage is stage else ""


def _read_only(session: Session) -> str:
    return "read-only" if session.safe.read_only_reason else ""


def _nothing_to_undo(session: Session) -> str:
    opened = session.open_episode
    return _not_editable(session) or ("" if opened is not None and opened.draft.can_undo else "nothing to undo")


def _nothing_to_redo(session: Session) -> str:
    opened = session.open_episode
    return _not_editable(session) or ("" if opened is not None and opened.draft.can_redo else "nothing to redo")


def _no_next(session: Session) -> str:
    return "this is the last one" if session.queue.neighbour(1) is None else ""


def _no_previous(session: Session) -> str:
    return "this is the first one" if session.queue.neighbour(-1) is None else ""


def _viewer_is_there(session: Session) -> str:
    return "" if session.link.status.state is ViewerState.GONE else "the viewer is running"


def _always(_session: Session) -> str:
    return ""


Asked = Callable[[Session], str]

_BY_ID: dict[str, Asked] = {
    "accept": _nothing_proposed,
    "undo": _nothing_to_undo,
    "redo": _nothing_to_redo,
    "finish_stage": _not_editable,
    "next_episode": _no_next,
    "previous_episode": _no_previous,
    "restart_viewer": _viewer_is_there,
    "leave_field": _always,
    "skip": _not_editable,
    "whole_queue": _not_narrowed,
    "bulk": _read_only,
    "take_other_side": _no_other_side,
    "stage_triage": _is_this_stage(Stage.TRIAGE),
    "stage_detail": _is_this_stage(Stage.DETAIL),
    "stage_review": _is_this_stage(Stage.REVIEW),
    **{f"digit_{digit}": _not_in_triage for digit in range(1, 6)},
}
_BY_GROUP: dict[str, Asked] = {
    "Play": _not_open,
    "Label": _not_editable,
    "Causes": _not_in_triage,
    "Form": _not_in_triage,
}
