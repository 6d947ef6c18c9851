"""Chooses and simulates the episodes of a set; each is determined by its own seed alone."""

import zlib
from dataclasses import dataclass
from typing import Any, Final

import mujoco
import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.simulation import Simulation

from evaluation_set.moves import cluttered_layout
from evaluation_set.recording import Recording
from evaluation_set.signals import record
from evaluation_set.successes import paced
from evaluation_set.truth import episode_truth, is_ambiguous
from evaluation_set.variants import VARIANTS, Variant

ATTEMPTS: Final = 30  # layouts tried until physics does what the variant says
LONGEST: Final = 25.0  # s
PACE: Final = (1.0, 1.6)  # tempo of the operators, where the variant does not set it


@dataclass(frozen=True)
class Row:
    """One episode to make."""

    variant: Variant
    seed: tuple[int, ...]


@dataclass(frozen=True)
class Made:
    """One episode with its truth."""

    recording: Recording
    truth: dict[str, Any]


def plan(seed: int, per_kind: int, kinds: set[str] | None) -> list[Row]:
    """The episodes in shuffled order; every kind goes round its variants."""
    rows = []
    for kind in dict.fromkeys(variant.kind for variant in VARIANTS):
        choice = [variant for variant in VARIANTS if variant.kind == kind]
        count = 2 * per_kind if kind == "success" else per_kind  # false alarms are counted on these
        chosen = [choice[k % len(choice)] for k in range(count)]
        # A name's own number: a new variant leaves the episodes of the others as they are.
        rows += [Row(v, (seed, zlib.crc32(f"{kind}/{v.name}".encode()), k)) for k, v in enumerate(chosen)]
    order = np.random.default_rng(seed).permutation(len(rows))
    return [rows[k] for k in order if kinds is None or rows[k].variant.kind in kinds]


def make(row: Row, high_rate: bool) -> Made | None:
    """Simulate until physics does what the variant says; None when no layout of many does."""
    # MuJoCo would write a log file into the current folder; what diverges is not kept anyway.
    mujoco.set_mju_user_warning(lambda _: None)
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng((*row.seed, attempt))
        thing = str(rng.choice(row.variant.things))
        layout, program = row.variant.make(cluttered_layout(thing, rng), rng)
        log = Simulation(layout, rng).run(paced(program, float(rng.uniform(*PACE))))
        truth = episode_truth(log, row.variant)
        if log.is_sound and not is_ambiguous(log) and fits(row.variant, truth):
            truth |= {"rejected_attempts": attempt, "seed": list(row.seed)}
            return Made(record(log, rng, high_rate=high_rate), truth)
    return None


def fits(variant: Variant, truth: dict[str, Any]) -> bool:
    """Whether physics brought about what the variant promises."""
    seconds = truth["num_frames"] / c.FRAME_HZ
    named = truth["failure_subcategory"] in variant.subcategories and truth["outcome"] in variant.outcomes
    return named and seconds <= LONGEST and (variant.check is None or variant.check(truth))
