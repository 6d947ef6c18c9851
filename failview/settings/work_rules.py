"""How the work is shared out: what is looked at first, twice, blind, or not at all. One table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkRules:
    """Shares are of the episodes of a dataset, 0 to 1; confidences 0 to 1.

    Attributes:
        seed: Seed of every sample, so that it comes out the same again.
        review_share: Reviewed whatever was said.
        blind_share: Labelled without a proposal, so that the influence of the proposals can be measured.
        audit_share: Of what could be accepted in bulk, labelled blind instead, to measure how much of it is wrong.
        audit_least: Fewest episodes of such a sample: 20 right ones say that at most 16 % are wrong (95 %, Wilson).
        bulk_confidence: Proposals from here on can be accepted in bulk.
        ambiguous: Between these confidences of the outcome a look teaches most: these episodes come first.
        chain_share: Of the failures, marked as the most informative ones: a full causal chain is wanted.
    """

    seed: int = 0
    review_share: float = 0.2
    blind_share: float = 0.1
    audit_share: float = 0.1
    audit_least: int = 20
    bulk_confidence: float = 0.9
    ambiguous: tuple[float, float] = (0.4, 0.7)
    chain_share: float = 0.1
