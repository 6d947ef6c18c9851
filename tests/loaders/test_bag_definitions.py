"""Bags: the definitions of their messages are data, never a program."""

import os

import numpy as np
import pytest

from failview.loaders.rosbag.bag_storage import Channel
from failview.loaders.rosbag.message_decoding import UndecodableError, decoder_of
from tests.loaders.write_bags import Messages


def test_definitions_in_idl() -> None:
    """Some middlewares write the definition of a type in IDL."""
    text = "module lab_msgs { module msg { struct Grip { double width; sequence<double> forces; }; }; };"
    messages = Messages(definitions={"lab_msgs/msg/Grip": "float64 width\nfloat64[] forces"})
    grip = messages.make("lab_msgs/msg/Grip", 0.04, np.array([1.0, 2.0]))
    data = bytes(messages.store.serialize_cdr(grip, "lab_msgs/msg/Grip"))
    single = decoder_of(Channel(1, "/x", "lab_msgs/msg/Grip", "cdr", text, "idl", 1))
    many = decoder_of(Channel(1, "/x", "lab_msgs/msg/Grip", "cdr", f"{'=' * 80}\nIDL: lab\n{text}", "idl", 1))
    assert single(data).width == many(data).width == 0.04
    assert list(single(data).forces) == [1.0, 2.0]


def test_a_type_name_from_the_file_is_never_run() -> None:
    """The library makes Python code of a definition: a name that is no name must not get there."""
    marker = "import os; os.environ['FAILVIEW_HACKED'] = '1'"
    for name in (f"a/msg/B:\n  {marker}\nclass C", f"a/msg/B\n{marker}", "", "a b/msg/C", f"a/msg/'+{marker}+'"):
        with pytest.raises(UndecodableError):
            decoder_of(Channel(1, "/x", name, "cdr", "float64 a", "msg", 1))
    for text in (f"float64 a\n{marker}", f"float64 a=b):\n {marker}", "MSG: x", "=" * 80 + f"\nMSG: a/B:\n{marker}"):
        with pytest.raises(UndecodableError):
            decoder_of(Channel(1, "/x", "a/msg/B", "cdr", text, "msg", 1))
    assert "FAILVIEW_HACKED" not in os.environ
