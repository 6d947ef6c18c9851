"""Frozen dataclasses to JSON and back, by their type hints. Nothing but the named types is ever made from a file."""

import types
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, partial
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

_ARRAY_KINDS = "bif"
_Reader = Callable[[Any], Any]
_AS_IT_IS = frozenset({str, float, int, bool, type(None)})


def to_plain(value: Any) -> Any:
    """Plain values of a dataclass, mapping, sequence, array, enum or number; arrays keep their type and shape.

    Raises:
        TypeError: Something else is in it.
    """
    if type(value) in _AS_IT_IS:
        return value
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
    return _reader(kind)(plain)


def _reader(kind: Any) -> _Reader:
    """What makes values of a type; never kept by type, for unions of another order are equal."""
    origin, kinds = get_origin(kind), get_args(kind)
    if kind is Any:
        return _as_it_is
    if origin in {Union, types.UnionType}:
        return partial(_one_of, tuple(_reader(item) for item in kinds if item is not type(None)), type(None) in kinds)
    if kind is np.ndarray or origin is np.ndarray:
        return _array
    if origin is not None:
        return partial(_collection, origin, tuple(item if item is Ellipsis else _reader(item) for item in kinds))
    return partial(_made if is_dataclass(kind) else _scalar, kind)


def _as_it_is(plain: Any) -> Any:
    return plain


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Type by the name of a field that the class is made with."""
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind) if item.init}


@cache
def _readers(kind: type) -> dict[str, _Reader]:
    """The same for what makes the fields."""
    return {name: _reader(hint) for name, hint in _hints(kind).items()}


def _one_of(readers: tuple[_Reader, ...], may_be_none: bool, plain: Any) -> Any:
    if plain is None and may_be_none:
        return None
    for reader in readers:
        try:
            return reader(plain)
        except (ValueError, TypeError, KeyError):
            continue
    raise ValueError("none of the allowed types")


def _array(plain: Any) -> Any:
    dtype = np.dtype(plain["dtype"])
    if dtype.kind not in _ARRAY_KINDS:
        raise ValueError(f"an array of {dtype}")
    return np.array(plain["values"], dtype=dtype).reshape(plain["shape"])


def _collection(origin: Any, readers: tuple[Any, ...], plain: Any) -> Any:
    if issubclass(origin, Mapping):
        return {readers[0](key): readers[1](item) for key, item in plain.items()}
    if not isinstance(plain, list):
        raise TypeError("not a list")
    if issubclass(origin, tuple) and (len(readers) != 2 or readers[1] is not Ellipsis):
        return tuple(reader(item) for item, reader in zip(plain, readers, strict=True))
    items = [readers[0](item) for item in plain]
    return frozenset(items) if issubclass(origin, AbstractSet) else tuple(items)


def _made(kind: Any, plain: Any) -> Any:
    return kind(**{name: reader(plain[name]) for name, reader in _readers(kind).items()})


def _scalar(kind: Any, plain: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if kind is float and type(plain) in {int, float}:
        return float(plain)
    if kind in {bool, int, str, type(None)} and type(plain) is kind:
        return plain
    raise TypeError(f"{type(plain).__name__} for {kind}")
