"""Incidents as pure functions: which one a signal belongs to, and what people do to it."""
