"""Chooses and simulates the episodes of a set; each is determined by its own seed alone."""

import zlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.kinds import make_episode
from pick_place_sim.simulation import Simulation

from evaluation_set.signals import Recording, record
from evaluation_set.truth import episode_truth
from evaluation_set.variants import VARIANTS, Variant

ATTEMPTS: Final = 30  # layouts tried until physics does what the variant says
LONGEST: Final = 25.0  # s


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
        chosen = [choice[k % len(choice)] for k in range(per_kind)]
        # A name's own number: a new variant leaves the episodes of the others as they are.
        rows += [Row(v, (seed, zlib.crc32(f"{kind}/{v.name}".encode()), k)) for k, v in enumerate(chosen)]
    order = np.random.default_rng(seed).permutation(len(rows))
    return [rows[k] for k in order if kinds is None or rows[k].variant.kind in kinds]


def make(row: Row, high_rate: bool) -> Made:
    """Simulate until physics does what the variant says.

    Raises:
        SystemExit: No layout of many does.
    """
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng((*row.seed, attempt))
        layout, program, rng = make_episode(row.variant.source, None, int(rng.integers(2**31)))
        log = Simulation(layout, rng).run(program)
        truth = episode_truth(log, row.variant)
        if fits(row.variant, truth):
            truth |= {"rejected_attempts": attempt, "seed": list(row.seed)}
            return Made(record(log, rng, high_rate=high_rate), truth)
    raise SystemExit(f"{row.variant.kind}/{row.variant.name}: no layout of {ATTEMPTS} gives this")


def fits(variant: Variant, truth: dict[str, Any]) -> bool:
    """Whether physics brought about what the variant promises."""
    seconds = truth["num_frames"] / c.FRAME_HZ
    outcome = truth["outcome"] in variant.outcomes
    return truth["failure_subcategory"] == variant.subcategory and outcome and seconds <= LONGEST
