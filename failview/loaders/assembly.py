"""Assembles an episode from what a format module read: clock, roles, units, cameras, warnings."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from failview.loaders.dataset import EpisodeEntry, EpisodeReport, StreamInfo
from failview.loaders.episode_clock import reference_clock
from failview.loaders.pictures.changed_pictures import red_and_blue_exchanged
from failview.loaders.profiles.profile import Profile
from failview.loaders.raw_dataset import RawEpisode
from failview.loaders.roles.profile_roles import apply_profile
from failview.loaders.roles.role_signals import SignalMaker, assignment
from failview.loaders.roles.stream_checks import constant_note, copies, role_warnings, success_warning
from failview.loaders.roles.stream_roles import RoleChoice, choose_roles, near_misses, unnamed_states
from failview.loaders.roles.stream_summary import Summaries, merge, summarise
from failview.loaders.roles.transform_roles import with_transforms
from failview.model.camera import Camera
from failview.model.episode import Episode, EpisodeSource
from failview.model.roles import Role

_AT_THE_HAND = ("wrist", "hand", "gripper")


@dataclass(frozen=True, eq=False)
class AssembledEpisode:
    """An episode with the decisions behind it."""

    episode: Episode
    choices: dict[Role, RoleChoice]
    notes: dict[str, str]
    raw: RawEpisode
    maker: SignalMaker
    chain: tuple[str, str] | None = None


@np.errstate(all="ignore")
def assemble(
    entry: EpisodeEntry, raw: RawEpisode, profile: Profile, sampled: Summaries, source: EpisodeSource
) -> AssembledEpisode:
    """Put an episode together.

    Args:
        entry: Its line in the list.
        raw: What the format module read.
        profile: What a person says about the dataset.
        sampled: Summaries over some episodes of the dataset, so that one quiet episode decides nothing alone.
        source: Where it comes from.
    """
    transforms = with_transforms(raw, profile)
    raw, profile = transforms.raw, transforms.profile
    clock, warnings = reference_clock(raw.num_frames, raw.clock, profile.rate_hz)
    maker = SignalMaker(raw, clock)
    own = summarise(raw)
    known = {name: summary for name, summary in merge(own, sampled).items() if name in own}
    on_clock = {name: summary for name, summary in known.items() if name not in maker.off_clock}
    guesses = choose_roles(on_clock, raw.quaternion_order)
    choices, profile_warnings = apply_profile(guesses, profile, known, raw.quaternion_order)
    choices = transforms.explained(choices)
    signals = {role: maker.role_signal(choice) for role, choice in choices.items()}
    copied = copies({stream.name: stream for stream in raw.streams})
    missed = near_misses(on_clock, choices)
    exchange = profile.channel_order not in {"", raw.channel_order}
    shown = [red_and_blue_exchanged(camera) for camera in raw.cameras] if exchange else raw.cameras
    cameras, camera_warnings = _ordered_cameras(shown, profile.cameras)
    all_warnings = (
        *raw.warnings,
        *transforms.warnings,
        *warnings,
        *profile_warnings,
        *camera_warnings,
        *maker.warnings,
        *(f"{name}: {wrong}: it plays no role" for name, wrong in maker.off_clock.items()),
        *role_warnings(choices, signals, own, known),
        *success_warning(choices, known),
        *_copy_warnings(copied, missed),
        *unnamed_states(on_clock, choices),
    )
    episode = Episode(
        episode_id=entry.episode_id,
        task=entry.task or raw.task,
        clock=clock,
        signals=signals,
        cameras=cameras,
        source=source,
        other_signals=maker.other_signals(choices),
        assignments={
            role: assignment(choice, {item.name: item for item in raw.streams}) for role, choice in choices.items()
        },
        warnings=tuple(dict.fromkeys(" ".join(warning.split()) for warning in all_warnings)),
    )
    notes = {name: constant_note(summary) for name, summary in own.items()}
    for name, first in copied.items():
        notes[name] = f"the same values as {first}"
    return AssembledEpisode(
        episode, choices, {**missed, **{k: v for k, v in notes.items() if v}}, raw, maker, transforms.chain
    )


def _copy_warnings(copied: dict[str, str], missed: dict[str, str]) -> Iterable[str]:
    """A copy matters where its name promises something else."""
    return (f"{name} repeats {first}: {missed[name]}" for name, first in copied.items() if name in missed)


def report(assembled: AssembledEpisode, entry: EpisodeEntry) -> EpisodeReport:
    """What `inspect` says about an assembled episode."""
    episode = assembled.episode
    clock = episode.clock
    return EpisodeReport(
        entry=replace(entry, num_frames=episode.num_frames, rate_hz=_tidy(clock.rate_hz), task=episode.task),
        duration_s=clock.duration_s,
        cameras={name: (camera.width, camera.height) for name, camera in episode.cameras.items()},
        assignments=episode.assignments,
        role_rates_hz={role: _tidy(signal.rate_hz(clock)) for role, signal in episode.signals.items()},
        streams=_stream_infos(assembled),
        warnings=episode.warnings,
        clock_origin=clock.origin,
        robot=episode.robot,
    )


def _tidy(rate_hz: float | None) -> float | None:
    """Without the digits that only come from counting in whole ns."""
    return None if rate_hz is None else round(rate_hz, 4)


def _stream_infos(assembled: AssembledEpisode) -> tuple[StreamInfo, ...]:
    roles = {part.stream: role for role, choice in assembled.choices.items() for part in choice.parts}
    infos = [
        StreamInfo(
            stream.name,
            stream.sample_shape,
            stream.dtype,
            _tidy(assembled.maker.rate_hz(stream.name)),
            roles.get(stream.name),
            assembled.notes.get(stream.name, ""),
        )
        for stream in assembled.raw.streams
    ]
    return (*infos, *assembled.raw.unread)


def _ordered_cameras(cameras: Iterable[Camera], wanted: tuple[str, ...]) -> tuple[dict[str, Camera], list[str]]:
    """Cameras in the profile's order; without one, those that see the scene before those at the hand."""
    by_name: dict[str, Camera] = {}
    for camera in cameras:
        name = camera.name
        while name in by_name:
            name += "_"
        by_name[name] = replace(camera, name=name)
    at_hand = sorted(by_name, key=lambda name: any(word in name.lower() for word in _AT_THE_HAND))
    known = [name for name in wanted if name in by_name]
    order = dict.fromkeys([*known, *at_hand])
    missing = [f"profile, dataset.cameras: there is no camera {name}" for name in wanted if name not in by_name]
    return {name: by_name[name] for name in order}, missing
