"""The wire between a camera worker and the hub of its site: one local socket, messages both ways.

Packets and events cross it, pixels only as JPEG. A worker goes on without a hub and hands over what it kept.
"""
