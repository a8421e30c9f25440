"""Doors, badges, tills, panels and cameras with analytics of their own: `DeviceRoom` keeps an adapter for each.

room.py    begins and begins again      outlet.py  to the hub, and how each device fares
clock.py   how far a device's clock is off
"""
