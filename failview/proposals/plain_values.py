"""Frozen dataclasses to JSON and back, by their type hints. Nothing but the named types is ever made from a file."""

import types
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

_ARRAY_KINDS = "bif"


def to_plain(value: Any) -> Any:
    """Plain values of a dataclass, mapping, sequence, array, enum or number; arrays keep their type and shape.

    Raises:
        TypeError: Something else is in it.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str | np.generic):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "shape": list(value.shape), "values": value.ravel().tolist()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain(getattr(value, name)) for name in _hints(type(value))}
    return _plain_collection(value)


def _plain_collection(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(to_plain(key)): to_plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | AbstractSet):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} cannot be kept")


def from_plain(plain: Any, kind: Any) -> Any:
    """The value of a type out of its plain values.

    Raises:
        ValueError, TypeError, KeyError: It is no such value.
    """
    origin = get_origin(kind)
    if kind is Any:
        return plain
    if origin in {Union, types.UnionType}:
        return _one_of(plain, get_args(kind))
    if kind is np.ndarray or origin is np.ndarray:
        return _array(plain)
    return _scalar(plain, kind) if origin is None else _collection(plain, origin, get_args(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Type by the name of a field that the class is made with."""
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind) if item.init}


def _one_of(plain: Any, kinds: tuple[Any, ...]) -> Any:
    if plain is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is type(None):
            continue
        try:
            return from_plain(plain, kind)
        except (ValueError, TypeError, KeyError):
            continue
    raise ValueError("none of the allowed types")


def _array(plain: Any) -> Any:
    dtype = np.dtype(plain["dtype"])
    if dtype.kind not in _ARRAY_KINDS:
        raise ValueError(f"an array of {dtype}")
    return np.array(plain["values"], dtype=dtype).reshape(plain["shape"])


def _collection(plain: Any, origin: Any, kinds: tuple[Any, ...]) -> Any:
    if issubclass(origin, Mapping):
        return {from_plain(key, kinds[0]): from_plain(item, kinds[1]) for key, item in plain.items()}
    if not isinstance(plain, list):
        raise TypeError("not a list")
    if issubclass(origin, tuple) and (len(kinds) != 2 or kinds[1] is not Ellipsis):
        return tuple(from_plain(item, kind) for item, kind in zip(plain, kinds, strict=True))
    items = (from_plain(item, kinds[0]) for item in plain)
    return frozenset(items) if issubclass(origin, AbstractSet) else tuple(items)


def _made(kind: Any, plain: Any) -> Any:
    return kind(**{name: from_plain(plain[name], hint) for name, hint in _hints(kind).items()})


def _scalar(plain: Any, kind: Any) -> Any:
    if is_dataclass(kind):
        return _made(kind, plain)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if kind is float and type(plain) in {int, float}:
        return float(plain)
    if kind in {bool, int, str, type(None)} and type(plain) is kind:
        return plain
    raise TypeError(f"{type(plain).__name__} for {kind}")
