"""The bus inside one process."""

from __future__ import annotations

from custos.adapters.bus.inprocess import InProcessBus, InProcessSubscription

__all__ = ["InProcessBus", "InProcessSubscription"]
