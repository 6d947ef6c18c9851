"""What the dataset tells about the ways of telling success, and which of an episode's candidates stands.

A flag that is the same in every episode says nothing; in a dataset where nobody grips anything, a gripper that never
held anything says nothing; and where the object's height is off by the same amount in all episodes, the goal is given
for another point of the object.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from failview.detectors.task_success.story_ending import Ending
from failview.detectors.task_success.verdict import NOT_REACHED, REACHED, Way
from failview.model.detection import Detection
from failview.model.signals import Values

FLAG, GOAL, STORY = "flag", "goal", "story"

_SEVERAL = 3
"""Fewer episodes do not show what is usual in a dataset."""
_HEIGHTS = 5
_SAME_HEIGHT_M = 0.005
_MOSTLY = 0.6
_ALWAYS = 0.8
_FLAG_TELLS = 0.9
_REWARD_TELLS = 0.85
_BY_HABIT = 0.75
_LIFTED = 0.55
_SURE = 0.98
_LEAST = 0.5

_PREFERRED = {"distance": Way.GOAL_POSE, "flag": Way.FLAG, "template": Way.TEMPLATE, "onnx": Way.ONNX}


def summary(candidates: Sequence[Detection], limit_m: float) -> dict[str, Values]:
    """What `learn` needs of an episode."""
    found: dict[str, Values] = {}
    for candidate in candidates:
        measures = candidate.measures
        way = Way(int(measures["way"]))
        if way is Way.FLAG:
            found[FLAG] = np.array([measures["flag"]])
        elif way is Way.STORY:
            found[STORY] = np.array([measures["ending"]])
        elif way is Way.GOAL_POSE:
            names = ("final_distance_m", "horizontal_m", "height_m", "resting")
            released = measures.get("released", math.nan)
            found[GOAL] = np.array([limit_m, *(measures[name] for name in names), released])
    return found


def learn(summaries: Sequence[Mapping[str, Values]]) -> dict[str, Values]:
    """Counts over the dataset: flags [true, false], endings by kind, habits about the goal."""
    flags = [float(item[FLAG][0]) for item in summaries if FLAG in item]
    endings = [int(item[STORY][0]) for item in summaries if STORY in item]
    learnt = {
        FLAG: np.array([sum(flag == 1 for flag in flags), sum(flag == 0 for flag in flags)], dtype=np.float64),
        STORY: np.bincount(endings, minlength=len(Ending)).astype(np.float64),
    }
    goals = [item[GOAL] for item in summaries if GOAL in item]
    if goals:
        learnt[GOAL] = _goal_habits(np.stack(goals))
    return learnt


def _goal_habits(goals: Values) -> Values:
    """[height offset in m or NaN, episodes that end within the limit, of these still held]."""
    limit_m, distance_m, horizontal_m, height_m, resting, released = goals.T
    inside = distance_m <= limit_m
    above = (horizontal_m <= limit_m) & (resting > 0) & ~(released == 0)
    offset_m = math.nan
    if above.sum() >= _HEIGHTS and np.mean(~inside[above]) >= _ALWAYS:
        middle_m = float(np.median(height_m[above]))
        if float(np.median(np.abs(height_m[above] - middle_m))) < _SAME_HEIGHT_M:
            offset_m = middle_m
    return np.array([offset_m, inside.sum(), (inside & (released == 0)).sum()], dtype=np.float64)


@dataclass(frozen=True)
class Weighed:
    """Outcome of the weighing.

    Attributes:
        detection: What stands; None when nothing does.
        notes: Why candidates fell, in words.
    """

    detection: Detection | None
    notes: tuple[str, ...]


def weigh(candidates: Sequence[Detection], learnt: Mapping[str, Values], *, criterion: str, limit_m: float) -> Weighed:
    """The candidate that stands, in the light of the others and of the dataset.

    Args:
        candidates: Of one episode.
        learnt: From `learn`.
        criterion: What the profile trusts first; "" for the usual order.
        limit_m: Largest distance for a success.
    """
    notes: list[str] = []
    standing = []
    for candidate in candidates:
        judged = _in_its_dataset(candidate, learnt, criterion, limit_m)
        if isinstance(judged, str):
            notes.append(judged)
        else:
            standing.append(judged)
    first = _PREFERRED.get(criterion)
    standing.sort(key=lambda item: (_way(item) is not first, item.measures["way"]))
    if not standing:
        return Weighed(None, tuple(notes))
    best = _against(standing[0], standing[1:])
    text = "; ".join([best.evidence, *notes])
    return Weighed(replace(best, evidence=text), tuple(notes))


def _way(detection: Detection) -> Way:
    return Way(int(detection.measures["way"]))


def _in_its_dataset(
    candidate: Detection, learnt: Mapping[str, Values], criterion: str, limit_m: float
) -> Detection | str:
    """A candidate after its dataset was looked at; or why it says nothing."""
    way = _way(candidate)
    if way is Way.FLAG:
        return _flag(candidate, learnt[FLAG], trusted=criterion == "flag")
    if way is Way.STORY:
        return _story(candidate, learnt[STORY])
    if way is Way.GOAL_POSE and GOAL in learnt and candidate.kind == NOT_REACHED:
        return _goal(candidate, learnt[GOAL], limit_m)
    return candidate


def _flag(candidate: Detection, counts: Values, *, trusted: bool) -> Detection | str:
    true, false = (int(count) for count in counts)
    if trusted:
        return replace(candidate, confidence=_SURE)
    if true + false >= _SEVERAL and not (true and false):
        word = "true" if true else "false"
        return f"recorded success is {word} in all {true + false} episodes: no evidence"
    if not (true and false):
        return candidate
    tells = _REWARD_TELLS if "reward" in candidate.evidence else _FLAG_TELLS
    said = f"{candidate.evidence} (true in {true} of {true + false} episodes)"
    return replace(candidate, confidence=tells, evidence=said)


def _story(candidate: Detection, counts: Values) -> Detection | str:
    ending = list(Ending)[int(candidate.measures["ending"])]
    total = int(counts.sum())
    idle = int(counts[list(Ending).index(Ending.NEVER_CLOSED)] + counts[list(Ending).index(Ending.NEVER_HELD)])
    kept = int(counts[list(Ending).index(Ending.STILL_HELD)])
    if total < _SEVERAL:
        return candidate
    if ending in {Ending.NEVER_CLOSED, Ending.NEVER_HELD} and idle / total >= _ALWAYS:
        return f"in {idle} of {total} episodes nothing was held: the task seems not to be one of grasping"
    if ending is Ending.STILL_HELD and kept / total >= _MOSTLY:
        said = f"{candidate.evidence}, as in {kept} of {total} episodes"
        return replace(candidate, kind=REACHED, confidence=_LIFTED, evidence=said, obvious_frame=None)
    return candidate


def _goal(candidate: Detection, habits: Values, limit_m: float) -> Detection:
    offset_m, inside, held = (float(value) for value in habits)
    measures = candidate.measures
    same_height = abs(measures["height_m"] - offset_m) <= limit_m
    if not math.isnan(offset_m) and measures["horizontal_m"] <= limit_m and same_height:
        said = f"{candidate.evidence}; in the other episodes too it ends {100 * offset_m:.1f} cm above the goal"
        return replace(candidate, kind=REACHED, confidence=_BY_HABIT, evidence=said, obvious_frame=None)
    within = measures["final_distance_m"] <= limit_m and measures.get("released") == 0.0
    if within and inside >= _SEVERAL and held / inside >= _ALWAYS:
        said = f"{candidate.evidence}, as in {held:.0f} of {inside:.0f} episodes that end at the goal"
        return replace(candidate, kind=REACHED, confidence=_BY_HABIT, evidence=said, obvious_frame=None)
    return candidate


def _against(best: Detection, others: Sequence[Detection]) -> Detection:
    """The best candidate, surer or less sure by what the others say (odds of independent witnesses multiply)."""
    odds = _logit(best.confidence)
    said = [best.evidence]
    for other in others:
        agrees = other.kind == best.kind
        odds += _logit(other.confidence) * (1 if agrees else -1)
        if not agrees:
            said.append(f"but {other.evidence}")
    if not others:
        return best
    confidence = min(max(1 / (1 + math.exp(-odds)), _LEAST), max(_SURE, best.confidence))
    return replace(best, confidence=round(confidence, 4), evidence="; ".join(said))


def _logit(confidence: float) -> float:
    return math.log(confidence / (1 - confidence))
