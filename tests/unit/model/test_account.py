"""Who may sign in, as values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from custos.model.account import Invitation, Role, User

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_nobody_is_invited_as_a_device() -> None:
    with pytest.raises(ValueError, match="nobody is invited as a device"):
        Invitation("inv-1", "Bob", Role.DEVICE, "hash", "u-1", NOW, NOW)


def test_an_invitation_names_somebody() -> None:
    with pytest.raises(ValueError, match="an invitation needs id and name, got 'inv-1', ' '"):
        Invitation("inv-1", " ", Role.VIEWER, "hash", "u-1", NOW, NOW)


def test_when_somebody_was_disabled_is_an_instant() -> None:
    with pytest.raises(ValueError, match="disabled_at must be an aware datetime"):
        User("u-1", "Ann", Role.VIEWER, "hash", NOW, datetime(2026, 3, 2))  # noqa: DTZ001 - what is refused
