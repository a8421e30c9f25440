"""Doors, badges, tills, panels and cameras with analytics of their own: `DeviceRoom` keeps an adapter for each.

room.py    begins and begins again      outlet.py  to the hub, and how each device fares
clock.py   how far a device's clock is off    mapping.py  records to events, by templates
sia.py     SIA DC-09, with sia_frame.py, panel_reports.py, panel_codes.py; listening.py opens ports
lines.py   lines of text over TCP             table.py    tables of other systems
mqtt.py    MQTT                               discovery.py  who is there
onvif.py   ONVIF by SOAP (onvif_soap.py); onvif_events.py and onvif_metadata.py are MQTT's as well
"""
