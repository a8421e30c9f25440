"""What the server asks of the rest: the site's cameras as their workers tell of them, the site file, the hub
that changes incidents, and the accounts of those who sign in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from custos.correlation.definition import RuleDefinition, RuleFault
from custos.incidents.lifecycle import Change
from custos.model.account import ApiToken, Invitation, Role, Session, SetupLink, User
from custos.model.devices import DeviceState
from custos.model.event import Event, Incident, Json, Picture
from custos.model.frame import Packet, StreamInfo
from custos.model.live import CameraState, LiveItem, TrackBox, TrackView
from custos.model.plan import Placing, PlanImage
from custos.model.site import Camera, Site

__all__ = [
    "Accounts",
    "CameraState",
    "Cameras",
    "Devices",
    "FragmentMuxer",
    "FragmentMuxerFactory",
    "Hub",
    "LiveItem",
    "RuleBook",
    "SiteBook",
    "TrackBox",
    "TrackView",
]


class Cameras(Protocol):
    """The site's cameras as their workers know them."""

    def states(self) -> Mapping[str, CameraState]: ...

    def watch(self, camera_id: str, *, pictures: bool) -> AbstractAsyncContextManager[AsyncIterator[LiveItem]]:
        """Live items until the context is left. A slow reader loses packets up to the next key frame."""
        ...

    async def snapshot(self, camera_id: str) -> Picture | None:
        """The latest picture, or None when there is none within 3 s."""
        ...

    def recalibrated(self) -> None:
        """A person has said that a camera's zones fit what it sees: workers are told. In the event loop."""
        ...

    def detector_name(self) -> str | None:
        """Which model the workers use, once they have said so."""
        ...


class SiteBook(Protocol):
    """The site file: read, and changed by the console. Every change is checked whole before it is written, is
    atomic, keeps comments, and reaches the workers."""

    def site(self) -> Site: ...

    def as_written(self, url: str) -> str:
        """A camera's URL with the names of environment variables where the file has them, not their values."""
        ...

    def put_camera(self, camera: Camera) -> Site:
        """Add, or replace, the camera of this id; UsageError when it does not make sense.

        A `url` equal to the present one keeps the file's own text (it may be "${ENV}" or a secret's name); a new
        one must not name variables of the environment."""
        ...

    def remove_camera(self, camera_id: str) -> Site: ...

    def put_places(self, placing: Placing) -> Site:
        """Put things on the site's plan where `placing` says; UsageError when it names what is not there."""
        ...

    def put_rule(self, rule_id: str, *, in_use: bool) -> Site:
        """Use a rule from a rule file, or switch it off at this site."""
        ...

    def plan_image(self) -> PlanImage | None:
        """The picture of the site's plan, known to be harmless; None when there is none."""
        ...


class RuleBook(Protocol):
    """Rules from files: those that come with Custos, and the site's own in the folder `rules` beside its file."""

    def rules(self) -> Sequence[RuleDefinition]:
        """In force, whether the site uses them or not."""
        ...

    def faults(self) -> Sequence[RuleFault]:
        """What is wrong with files as they are now; what these said before is in force."""
        ...

    def reread(self) -> bool:
        """Read the files again now; whether that changed the rules in force."""
        ...


class FragmentMuxer(Protocol):
    """Packets to fragmented MP4, for Media Source Extensions, without transcoding.

    Media time 0 is `epoch_at`; media time of a picture is captured_at - epoch_at.
    """

    epoch_at: datetime
    mime: str
    """'video/mp4; codecs="avc1.64001e"'."""

    def init_segment(self) -> bytes: ...

    def fragment(self, packet: Packet) -> bytes:
        """One moof+mdat of this packet; empty when it holds no picture that can be shown."""
        ...


FragmentMuxerFactory = Callable[[StreamInfo, Packet], "FragmentMuxer | None"]
"""Of the stream and its first key frame; None when the codec cannot be played that way."""


class Hub(Protocol):
    """The one place where events are taken in and incidents change."""

    async def accept(self, events: Sequence[Event], pictures: Sequence[Picture] = ()) -> Sequence[Event]:
        """Store events; those of them that were new. CustosError: none is stored."""
        ...

    async def change_incident(self, incident_id: str, change: Change, *, version: int) -> Incident:
        """The incident after the change, stored and published.

        Raises Conflict (pipeline.ports) when it is no longer at `version`, Refused (incidents.lifecycle) when
        its state does not allow the change, LookupError when there is no such incident.
        """
        ...


class Devices(Protocol):
    """The site's devices as their adapters know them."""

    def states(self) -> Mapping[str, DeviceState]:
        """By id, of every device of the site file."""
        ...

    def read(self, device_id: str, records: Sequence[Json]) -> tuple[list[Event], list[tuple[int, str]]]:
        """The events of a device's records, as its mapping says, and which records make none and why."""
        ...

    async def take(self, device_id: str, events: Sequence[Event]) -> list[Event]:
        """Have events of a device stored, and count them as its; those that were new. CustosError: none is stored,
        and they may be sent again."""
        ...


class Accounts(Protocol):
    """Users, sessions, API tokens, the set-up link. Thread-safe; every method is one transaction.

    Secrets arrive hashed. Looking up never judges: the server compares `expires_at` with its clock.
    """

    def has_users(self) -> bool: ...
    def user(self, user_id: str) -> User | None: ...
    def user_by_name(self, name: str) -> User | None:
        """The user whose `name_key` is that of `name`."""
        ...

    def put_setup_link(self, link: SetupLink) -> bool:
        """Make this the only link there is; False, and nothing changed, when a user exists."""
        ...

    def add_first_user(self, user: User, *, setup_token_hash: str, at: datetime) -> bool:
        """When no user exists and the link of this hash expires after `at`: store the user, delete the link.

        False, and nothing changed, otherwise; two at once cannot both succeed."""
        ...

    def users(self) -> list[User]:
        """Everybody, disabled ones too, by name."""
        ...

    def change_user(self, user_id: str, *, role: Role, disabled_at: datetime | None) -> User | None:
        """Give a role; disable (and end every session and API token of the user in the same transaction) or enable.

        None when there is no such user. LastAdministrator, and nothing changed, when no enabled administrator would
        be left; two at once cannot remove each other."""
        ...

    def invite(self, invitation: Invitation, *, at: datetime) -> bool:
        """Store it in place of an earlier one of this name, and drop those that have expired by `at`.

        False, and nothing changed, when a user has this name."""
        ...

    def invitations(self, *, at: datetime) -> list[Invitation]:
        """Those that expire after `at`, by name."""
        ...

    def invitation(self, token_hash: str) -> Invitation | None: ...
    def withdraw_invitation(self, invitation_id: str) -> bool:
        """False when there is none of this id."""
        ...

    def add_invited_user(self, user: User, *, token_hash: str, at: datetime) -> bool:
        """When the invitation of this hash expires after `at`: store the user, delete the invitation.

        False, and nothing changed, otherwise; two at once cannot both succeed."""
        ...

    def set_password(self, user_id: str, password_hash: str, *, keep_session: str | None) -> None:
        """Replace the hash, end every session of the user but the one with id_hash `keep_session`, and end the
        user's API tokens."""
        ...

    def add_session(self, session: Session) -> None: ...
    def session(self, id_hash: str) -> Session | None: ...
    def touch_session(self, id_hash: str, seen_at: datetime) -> None: ...
    def end_session(self, id_hash: str) -> None: ...
    def add_token(self, token: ApiToken) -> None: ...
    def token(self, secret_hash: str) -> ApiToken | None: ...
    def tokens(self, user_id: str) -> list[ApiToken]:
        """All of the user's, expired ones too, newest first."""
        ...

    def touch_token(self, token_id: str, last_used_at: datetime) -> None: ...
    def remove_token(self, user_id: str, token_id: str) -> bool:
        """False when the user has no such token."""
        ...

    def prune_sessions(self, *, at: datetime, idle_since: datetime) -> int:
        """Delete sessions with expires_at <= at or seen_at < idle_since; how many went."""
        ...
