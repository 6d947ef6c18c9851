"""The end effector's pose from recorded transforms, where the profile names two frames or their names suggest them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from failview.loaders.profiles.profile import Profile, RoleMapping
from failview.loaders.raw_dataset import RawEpisode, RawStream
from failview.loaders.roles.stream_roles import RoleChoice, choose_roles
from failview.loaders.roles.stream_summary import summarise
from failview.model.roles import Role


@dataclass(frozen=True, eq=False)
class TransformUse:
    """What recorded transforms are used for in one episode.

    Attributes:
        raw: The episode, with the pose as streams.
        profile: The profile, with the pose mapped to its roles.
        chain: (parent, child) in use; None when there is none.
        warnings: What does not fit, one line each.
        guess: Why these frames were taken, where nobody named them.
    """

    raw: RawEpisode
    profile: Profile
    chain: tuple[str, str] | None = None
    warnings: tuple[str, ...] = ()
    guess: str = ""

    def explained(self, choices: Mapping[Role, RoleChoice]) -> dict[Role, RoleChoice]:
        """The same choices; a guess says that it is one."""
        if not self.guess or self.chain is None:
            return dict(choices)
        prefix = f"tf.{self.chain[0]}.{self.chain[1]}."
        return {
            role: replace(choice, reason=self.guess) if choice.parts[0].stream.startswith(prefix) else choice
            for role, choice in choices.items()
        }


def with_transforms(raw: RawEpisode, profile: Profile) -> TransformUse:
    """Use recorded transforms as the end effector's pose.

    What the profile says counts; a guess is made only where no other stream tells where the end effector is.
    """
    named = (profile.tf.parent, profile.tf.child) if profile.tf.parent else None
    if raw.transforms is None:
        return TransformUse(raw, profile, warnings=("profile, tf: this episode has no transforms",) if named else ())
    chain = named or (None if _says_where(raw, profile) else raw.transforms.guess())
    if chain is None:
        return TransformUse(raw, profile)
    streams = raw.transforms.chain(*chain)
    if isinstance(streams, str):
        return TransformUse(raw, profile, warnings=(f"profile, tf: {streams}",) if named else ())
    guess = "" if named else f"transforms from {chain[0]} to {chain[1]}; guess: the names of the frames"
    mapped = replace(profile, roles={**_mappings(streams, is_guess=named is None), **profile.roles})
    return TransformUse(replace(raw, streams=[*raw.streams, *streams]), mapped, chain, (), guess)


def _says_where(raw: RawEpisode, profile: Profile) -> bool:
    if Role.EE_POSITION in profile.roles:
        return True
    return Role.EE_POSITION in choose_roles(summarise(raw), raw.quaternion_order)


def _mappings(streams: tuple[RawStream, RawStream], *, is_guess: bool) -> Mapping[Role, RoleMapping]:
    position, orientation = streams
    return {
        Role.EE_POSITION: RoleMapping((position.name,), unit="m", guessed=is_guess),
        Role.EE_ORIENTATION: RoleMapping((orientation.name,), unit="xyzw", guessed=is_guess),
    }
