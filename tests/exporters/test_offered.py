"""What episodes offer as LeRobot features, and what several have in common."""

from dataclasses import replace

import numpy as np
import pytest

from failview.exporters.export_report import notes_about_left_out
from failview.exporters.lerobot.offered import columns_of, offered
from failview.model.clock import Clock
from failview.model.roles import Role
from failview.model.signals import Signal
from tests.episodes.synthetic import make_episode


def test_a_stream_called_state_is_the_state() -> None:
    """It would be made of joints and gripper otherwise, or of the end effector where there are no joints."""
    episode = make_episode(10, ())
    own = replace(episode, other_signals={"state": Signal("state", np.arange(20.0).reshape(10, 2), "", ("x", "y"))})
    offers, _ = offered(own)
    assert offers["observation.state"].shape == (2,)
    assert columns_of(own, offers)["observation.state"].to_pylist()[3] == [6.0, 7.0]
    made, _ = offered(episode)
    assert set(columns_of(episode, made)) == {name for name, offer in made.items() if offer.dtype != "video"}


def test_the_state_is_made_of_what_is_there() -> None:
    episode = make_episode(10, (), roles=frozenset({Role.GRIPPER_APERTURE, Role.EE_POSITION}))
    offers, _ = offered(episode)
    assert offers["observation.state"].shape == (4,)
    state = columns_of(episode, offers)["observation.state"].to_pylist()
    expected = [*episode.signals[Role.EE_POSITION].values[4], *episode.signals[Role.GRIPPER_APERTURE].values[4]]
    assert state[4] == pytest.approx(expected, abs=1e-6)


def test_uneven_times_are_told() -> None:
    even = make_episode(10, ())
    assert not any("uneven" in note for note in offered(even)[1])
    times_ns = np.array([0, 10, 20, 30, 40, 150, 160, 170, 180, 190]) * 1_000_000
    uneven = replace(even, clock=Clock(10, times_ns, "timestamps"))
    assert any("uneven, by up to 0.1 s" in note for note in offered(uneven)[1])


def test_of_many_episodes_left_out_only_some_are_named() -> None:
    few = notes_about_left_out({f"demo_{number}": "missing" for number in range(6)})
    assert len(few) == 6
    many = notes_about_left_out({f"demo_{number}": "missing" for number in range(100)})
    assert many[-1] == "95 more episodes are left out for such reasons"
    assert len(many) == 6
