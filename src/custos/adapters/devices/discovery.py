"""ONVIF devices on the local network: WS-Discovery Probes, and who answers (WS-Discovery 2005/04, ONVIF Core 7).

Cameras answer to `dn:NetworkVideoTransmitter`, old ones to nothing else; door controllers, and all that follow ONVIF
Core, answer to `tds:Device`; and some only to a probe that names no type, to which printers answer as well.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from custos.adapters.devices.mapping import Misread
from custos.adapters.devices.onvif_metadata import parsed
from custos.adapters.devices.onvif_soap import children, text_of
from custos.model.errors import CustosError

GROUP = ("239.255.255.250", 3702)
REPEATS = 3
"""UDP loses packets; the same probes again are answered once by who heard them."""
MOST = 1000
_SCOPE = "onvif://www.onvif.org/"
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><e:Header><w:MessageID>uuid:{id}</w:MessageID>'
    "<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>"
    "<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>"
    "<e:Body><d:Probe>{types}</d:Probe></e:Body></e:Envelope>"
)
_TYPES = ("<d:Types>dn:NetworkVideoTransmitter</d:Types>", "<d:Types>tds:Device</d:Types>", "")


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered. `url`: of its device service. Texts are "" where it does not tell."""

    endpoint: str
    url: str
    address: str
    name: str = ""
    hardware: str = ""
    location: str = ""


class _Answers(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.found: dict[str, Found] = {}

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for one in matches_of(data, addr[0]):
            if len(self.found) < MOST:
                self.found.setdefault(one.endpoint, one)


async def discover(*, wait_s: float = 4.0, interface: str | None = None, group: tuple[str, int] = GROUP) -> list[Found]:
    """Who answers within `wait_s`, by address. CustosError when nothing can be sent.

    Args:
        interface: address of ours from which to ask, where there are several networks.
    """
    loop = asyncio.get_running_loop()
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        if interface:
            asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        asking.bind((interface or "", 0))
        asking.setblocking(False)
        transport, protocol = await loop.create_datagram_endpoint(_Answers, sock=asking)
    except OSError as error:
        asking.close()
        raise CustosError(f"cannot ask the network: {error.strerror or error}.", where=interface or "") from error
    probes = [_PROBE.format(id=uuid4(), types=types).encode() for types in _TYPES]
    try:
        for _ in range(REPEATS):
            for probe in probes:
                transport.sendto(probe, group)
            await asyncio.sleep(wait_s / REPEATS)
    finally:
        transport.close()
    return sorted(protocol.found.values(), key=lambda one: (one.address, one.url))


def matches_of(data: bytes, address: str) -> Iterator[Found]:
    """The ONVIF devices of a ProbeMatches message; none of anything else."""
    try:
        root = parsed(data)
    except Misread:
        return
    for match in children(root, "ProbeMatch"):
        urls = [one for one in text_of(match, "XAddrs").split() if urlsplit(one).scheme in ("http", "https")]
        if not urls or not _speaks_onvif(text_of(match, "Types"), text_of(match, "Scopes")):
            continue
        # The address that answered can be reached; others of the list may be of another network.
        url = next((one for one in urls if urlsplit(one).hostname == address), urls[0])
        scopes = dict(_scopes(text_of(match, "Scopes")))
        endpoint = text_of(match, "EndpointReference", "Address") or url
        told = (scopes.get(word, "") for word in ("name", "hardware", "location"))
        yield Found(endpoint, url, address, *told)


def _speaks_onvif(types: str, scopes: str) -> bool:
    """By its scopes, of which ONVIF Core 7.3.2 wants some; by its type where it tells none, as old cameras do."""
    told = {one.rpartition(":")[2] for one in types.split()}
    return any(one.startswith(_SCOPE) for one in scopes.split()) or "NetworkVideoTransmitter" in told


def _scopes(text: str) -> Iterator[tuple[str, str]]:
    for scope in text.split():
        word, slash, value = scope.removeprefix(_SCOPE).partition("/")
        if scope.startswith(_SCOPE) and slash:
            yield word, "".join(c for c in unquote(value) if c.isprintable())[:100]
