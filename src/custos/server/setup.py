"""The first start: a one-time link with which whoever can read the terminal becomes the administrator."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from custos.model.account import SetupLink
from custos.server.ports import Accounts

LINK_LIFE = timedelta(hours=24)
SETUP_PATH = "/setup"


def secret_hash(secret: str) -> str:
    """How secrets with 256 random bits are stored: sha256, 64 hex digits."""
    return sha256(secret.encode()).hexdigest()


def issue_setup_link(accounts: Accounts, *, base_url: str, now: datetime) -> str | None:
    """A fresh link, "<base_url>/setup?token=...", that ends every earlier one; None when a user exists.

    It works once and for 24 hours. Call it at each start, and print it; only its hash is kept.
    """
    token = secrets.token_urlsafe(32)
    link = SetupLink(secret_hash(token), created_at=now, expires_at=now + LINK_LIFE)
    return f"{base_url}{SETUP_PATH}?token={token}" if accounts.put_setup_link(link) else None
