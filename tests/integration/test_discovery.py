"""WS-Discovery against devices that answer by UDP."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from custos.adapters.devices.discovery import Found, discover, matches_of
from custos.model.errors import CustosError

MATCH = """<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">
<s:Header><a:RelatesTo>{relates}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>
<a:EndpointReference><a:Address>urn:uuid:{id}</a:Address></a:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/type/video_encoder
 onvif://www.onvif.org/name/Acme%20Eye onvif://www.onvif.org/hardware/Eye-3 onvif://www.onvif.org/location/Dock</d:Scopes>
<d:XAddrs>{urls}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"""


@contextmanager
def answering(*answers: bytes | str, to: bytes = b"dn:NetworkVideoTransmitter<") -> Iterator[tuple[str, int]]:
    """A device that answers every probe in which `to` stands with these; where it listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                probe, sender = device.recvfrom(65535)
                if probe == b"stop":
                    return
                asked = re.search(rb"<w:MessageID>(.+)</w:MessageID>", probe)
                assert asked is not None
                assert b"discovery/Probe<" in probe
                for answer in answers if to in probe else ():
                    told = (
                        answer.replace("{relates}", asked[1].decode()).encode() if isinstance(answer, str) else answer
                    )
                    device.sendto(told, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield device.getsockname()
        finally:
            device.sendto(b"stop", device.getsockname())
            thread.join()


def match(number: int, urls: str) -> str:
    return MATCH.replace("{id}", str(number)).replace("{urls}", urls)


def test_nobody_answers() -> None:
    with answering() as group:
        assert asyncio.run(discover(wait_s=0.1, group=group)) == []


def test_each_device_is_told_once_among_answers_that_are_none() -> None:
    rubbish: list[bytes | str] = [
        b"",
        b"\xff" * 100,
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a/>',
        match(3, "ftp://x"),
    ]
    both = "http://10.0.0.9/onvif/device_service http://127.0.0.1/onvif/device_service"
    with answering(*rubbish, match(1, both), match(2, "https://10.0.0.8/onvif"), match(1, both)) as group:
        found = asyncio.run(discover(wait_s=1.0, group=group))
    assert found == [
        Found("urn:uuid:1", "http://127.0.0.1/onvif/device_service", "127.0.0.1", "Acme Eye", "Eye-3", "Dock"),
        Found("urn:uuid:2", "https://10.0.0.8/onvif", "127.0.0.1", "Acme Eye", "Eye-3", "Dock"),
    ]


@pytest.mark.parametrize("to", [b"<d:Types>tds:Device</d:Types>", b"<d:Probe></d:Probe>"])
def test_door_controllers_answer_to_other_probes_than_cameras(to: bytes) -> None:
    """No door controller was ever found: all probes asked for video transmitters."""
    controller = match(7, "http://10.0.0.7/onvif").replace("dn:NetworkVideoTransmitter", "tds:Device")
    controller = controller.replace("type/video_encoder", "Profile/C").replace("Acme%20Eye", "Acme%20Door")
    printer = match(8, "http://10.0.0.8/wsd").replace("dn:NetworkVideoTransmitter", "wsdp:Device")
    printer = printer.replace("onvif://www.onvif.org", "ldap:///ou=printers")
    with answering(printer, controller, to=to) as group:
        (found,) = asyncio.run(discover(wait_s=0.3, group=group))
    assert (found.url, found.name) == ("http://10.0.0.7/onvif", "Acme Door")


def test_an_address_that_is_not_ours_is_said() -> None:
    with pytest.raises(CustosError, match="cannot ask the network"):
        asyncio.run(discover(wait_s=0.1, interface="192.0.2.77"))


def test_a_device_without_scopes() -> None:
    bare = match(1, "http://10.0.0.9/onvif").partition("<d:Scopes>")[0] + "<d:XAddrs>http://10.0.0.9/onvif</d:XAddrs>"
    whole = (bare + "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>").encode()
    assert list(matches_of(whole, "10.0.0.9")) == [Found("urn:uuid:1", "http://10.0.0.9/onvif", "10.0.0.9")]
