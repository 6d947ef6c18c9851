"""A stream, or some of its columns, that may play a role."""

from dataclasses import dataclass

from failview.loaders.roles.role_names import Combine
from failview.model.roles import Role


@dataclass(frozen=True)
class Part:
    """Columns of one stream."""

    stream: str
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Candidate:
    """One way to fill a role.

    Attributes:
        role: The role.
        parts: Streams and columns.
        score: Higher wins.
        reason: What speaks for it.
        doubt: What speaks against it; makes it a guess.
        combine: How several columns become one.
        order: Order of a quaternion when column names tell it.
    """

    role: Role
    parts: tuple[Part, ...]
    score: int
    reason: str
    doubt: str = ""
    combine: Combine = Combine.NONE
    order: str = ""
