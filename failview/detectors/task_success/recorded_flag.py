"""Way 2: the success flag that the file holds. Evidence, not truth: many files hold successes alone.

A reward that is only ever 0 or 1 is such a flag too: robomimic and robosuite define it as the task's success at that
step (robomimic, "Dataset structure": sparse rewards). `done` says that the recording ended, not that it went well.
"""

import numpy as np

from failview.detectors.detector import Case
from failview.detectors.task_success.verdict import NoVerdict, Verdict, Way
from failview.model.clock import NS_PER_S
from failview.model.roles import Role
from failview.model.signals import Signal, Values

_YES = frozenset({"true", "success", "successful", "succeeded", "yes", "1", "pass", "passed"})
_NO = frozenset({"false", "failure", "fail", "failed", "unsuccessful", "no", "0"})

_TRUE_ALONE = 0.65
"""In most public datasets every episode carries a true flag, the failed ones too."""
_FALSE_ALONE = 0.75
_ZERO_REWARD_ALONE = 0.6
"""A reward that nobody filled in is zero as well."""
_TRUE_ONCE = 0.65


def judge_flag(case: Case) -> Verdict | NoVerdict:
    """Judge by the recorded flag, as far as one episode tells."""
    episode = case.conditioned.episode
    signal, assignment = episode.signals.get(Role.SUCCESS), episode.assignments.get(Role.SUCCESS)
    if signal is None or (assignment is not None and assignment.dead):
        return NoVerdict("no success flag is recorded")
    flags = _as_flags(signal)
    if flags is None:
        return NoVerdict(f"{signal.stream} does not read like a success flag")
    samples = np.flatnonzero(np.isfinite(flags))
    if not samples.size:
        return NoVerdict(f"{signal.stream} holds no value")
    reward = "reward" in signal.stream.lower()
    name = f"{signal.stream} (a reward of 0 and 1)" if reward else signal.stream
    last = bool(flags[samples[-1]])
    if last:
        falses = samples[flags[samples] == 0]
        start = _row(case, signal, int(falses[-1]) + 1) if falses.size else 0
        return Verdict(Way.FLAG, True, _TRUE_ALONE, f"{name} is true at the end", start, None, {"flag": 1.0})
    end = case.conditioned.rows - 1
    trues = samples[flags[samples] == 1]
    if trues.size:
        row = _row(case, signal, int(trues[-1]) + 1)
        said = f"{name} was true until frame {case.conditioned.clock.frame_from(max(row - 1, 0))}, not at the end"
        return Verdict(Way.FLAG, False, _TRUE_ONCE, said, row, None, {"flag": 0.0})
    alone = _ZERO_REWARD_ALONE if reward else _FALSE_ALONE
    return Verdict(Way.FLAG, False, alone, f"{name} is never true", end, None, {"flag": 0.0})


def _as_flags(signal: Signal) -> Values | None:
    """(samples,) 1 for true, 0 for false, NaN for no value; None when the stream is no flag."""
    values = signal.values[:, 0]
    if signal.text_values:
        return _from_words(signal)
    finite = values[np.isfinite(values)]
    if finite.size and (finite.min() < 0.0 or finite.max() > 1.0):
        return None
    # a classifier's probability is read as its decision
    return np.where(np.isfinite(values), (values > 0.5).astype(np.float64), np.nan)


def _from_words(signal: Signal) -> Values | None:
    meaning = []
    for word in signal.text_values:
        plain = word.strip().lower()
        meaning.append(1.0 if plain in _YES else 0.0 if plain in _NO else np.nan)
    if all(np.isnan(value) for value in meaning):
        return None
    codes = signal.values[:, 0]
    known = np.isfinite(codes)
    flags = np.full(len(codes), np.nan)
    flags[known] = np.array(meaning)[codes[known].astype(np.int64)]
    return flags


def _row(case: Case, signal: Signal, sample: int) -> int:
    """Row of a sample of the flag."""
    clock = case.conditioned.clock
    sample = min(sample, signal.num_samples - 1)
    if signal.times_ns is None:
        return clock.row_of(min(sample, len(clock.frame_times_s) - 1))
    row = int(np.searchsorted(clock.times_s, signal.times_ns[sample] / NS_PER_S))
    return min(row, case.conditioned.rows - 1)
