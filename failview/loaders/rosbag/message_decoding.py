"""Turns the bytes of messages into objects, by the definition in the file or, where it has none, the common ones."""

import json
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rosbags.typesys import Stores, get_types_from_idl, get_types_from_msg, get_typestore
from rosbags.typesys.msg import normalize_msgtype
from rosbags.typesys.store import Typestore

from failview.loaders.rosbag.bag_storage import Channel

Decode = Callable[[bytes], Any]

_TYPE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)+")
_IDL_SEPARATOR = f"{'=' * 80}\n"
_LONGEST_SEQUENCE = 1 << 27
_REGISTER_LOCK = threading.Lock()
"""Registering puts a module into sys.modules under one fixed name."""


class UndecodableError(Exception):
    """Messages of a channel cannot be decoded; the text says why, in words for people."""


def decoder_of(channel: Channel, distribution: str = "") -> Decode:
    """What turns a message of a channel into an object.

    Args:
        channel: As the storage lists it.
        distribution: ROS distribution that recorded the bag; "" when nothing says it.

    Raises:
        UndecodableError: Unknown encoding, or a type without definition that is no common one (DATA 22).
    """
    if channel.encoding == "json":
        return _json
    if channel.encoding not in {"cdr", "ros1"}:
        raise UndecodableError(f"its messages are encoded as {channel.encoding or 'nothing known'}, which is not read")
    if channel.type_name.startswith("service_msgs/") or channel.topic.endswith("/_service_event"):
        raise UndecodableError("service events are no signals")
    name = normalize_msgtype(channel.type_name) if channel.type_name else ""
    if not _TYPE_NAME.fullmatch(name):
        raise UndecodableError(f"{channel.type_name!r:.60} is no name of a message type")
    store = _typestore(name, channel.definition, channel.definition_format, channel.encoding, distribution)
    if channel.encoding == "ros1":
        return lambda data: store.deserialize_ros1(data, name)
    return lambda data: store.deserialize_cdr(data, name)


@lru_cache(maxsize=256)
def _typestore(name: str, definition: str, definition_format: str, encoding: str, distribution: str) -> Typestore:
    """Types of one channel: publishers of one bag may disagree about a type, so channels share none."""
    common = get_typestore(Stores.ROS1_NOETIC if encoding == "ros1" else _store_of(distribution))
    store = get_typestore(Stores.EMPTY)
    store.max_sequence_length = _LONGEST_SEQUENCE
    if definition.strip():
        try:
            with _REGISTER_LOCK:
                store.register(_parsed(name, definition, definition_format))
        except Exception as error:
            raise UndecodableError(f"the definition of {name} cannot be understood ({type(error).__name__})") from error
    for other, fields in common.fielddefs.items():
        if other not in store.fielddefs:
            store.fielddefs[other] = fields
            store.types[other] = common.types[other]
    if name not in store.fielddefs:
        raise UndecodableError(f"the bag carries no definition of {name}, and it is no common type")
    try:
        store.get_msgdef(name)
    except Exception as error:
        raise UndecodableError(f"the definition of {name} is not complete ({error})") from error
    return store


def _parsed(name: str, definition: str, definition_format: str) -> Any:
    if definition_format == "msg":
        return get_types_from_msg(definition, name)
    parts = definition.split(_IDL_SEPARATOR)
    texts = [part.split("\n", 1)[1] for part in parts if part.startswith("IDL: ")] or [definition]
    types: dict[str, Any] = {}
    for text in texts:
        types.update(get_types_from_idl(text))
    return types


def _store_of(distribution: str) -> Stores:
    return next((store for store in Stores if store.value == f"ros2_{distribution}"), Stores.ROS2_HUMBLE)


def _json(data: bytes) -> Any:
    return json.loads(data)
