"""SOAP 1.2 as ONVIF devices speak it: `OnvifClient.call(address, action, body) -> Element`.

Requests are signed by WS-Security's UsernameToken profile with a digest, in the device's own time: a device whose clock
is off refuses every other. HTTP's digest is answered where a device asks for it (Profile S's token ends in 2027).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4
from xml.sax.saxutils import escape

import httpx

from custos.adapters.devices.mapping import Misread
from custos.adapters.devices.onvif_metadata import parsed
from custos.model.errors import CustosError

ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
_MESSAGES = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0"
DEVICE = "http://www.onvif.org/ver10/device/wsdl"
REQUEST_S = 15.0


class OnvifFault(CustosError):
    """The device refused a request."""


def digest_of(nonce: bytes, created: str, password: str) -> str:
    """Password_Digest = Base64(SHA-1(nonce + created + password)), WS-Security UsernameToken Profile 1.0, 3.1."""
    sealed = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return base64.b64encode(sealed.digest()).decode()


def children(element: ET.Element | None, name: str) -> Iterator[ET.Element]:
    """All elements of this name below, whatever their namespace."""
    if element is not None:
        for one in element.iter():
            if one.tag.rpartition("}")[2] == name:
                yield one


def first(element: ET.Element | None, *path: str) -> ET.Element | None:
    """The first element at the end of a path of names."""
    for name in path:
        element = next((one for one in children(element, name) if one is not element), None)
    return element


def text_of(element: ET.Element | None, *path: str) -> str:
    """Its text, "" where there is none."""
    found = first(element, *path) if path else element
    return ((found.text if found is not None else "") or "").strip()


class OnvifClient:
    """One device.

    Args:
        url: of its device service.
        clock: our time. The device's is that plus `offset`, once it was measured.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str | None,
        password: str | None,
        http: httpx.AsyncClient,
        clock: Callable[[], datetime],
    ) -> None:
        self.url = url
        self.offset = timedelta()
        self._username = username
        self._password = password or ""
        self._http = http
        self._clock = clock
        self._auth = httpx.DigestAuth(username, self._password) if username else None

    async def measure(self) -> float:
        """Ask for the device's time; its difference from ours, seconds, to within half the request's time."""
        began = self._clock()
        body = f'<GetSystemDateAndTime xmlns="{DEVICE}"/>'
        answer = await self.call(self.url, f"{DEVICE}/GetSystemDateAndTime", body, signed=False)
        middle = began + (self._clock() - began) / 2
        told = first(answer, "UTCDateTime")
        try:
            parts = [int(text_of(told, *path)) for path in _DATE]
            at = datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]
        except ValueError as error:
            raise OnvifFault("the device does not tell its time.", where=self.url) from error
        # The device tells whole seconds: on the average it is half a second later.
        self.offset = at + timedelta(seconds=0.5) - middle
        return self.offset.total_seconds()

    def here(self, address: str) -> str:
        """`address`, which the device told, by the name under which we reach it: behind NAT it knows another."""
        own, told = urlsplit(self.url), urlsplit(address.strip())
        return urlunsplit((own.scheme, own.netloc, told.path or "/", told.query, ""))

    async def call(
        self, address: str, action: str, body: str, *, signed: bool = True, headers: str = "", wait_s: float = REQUEST_S
    ) -> ET.Element:
        """The answer's body.

        Raises:
            OnvifFault: the device refuses.
            CustosError: it does not answer, or with something else.
        """
        content = _BODY.format(
            envelope=ENVELOPE,
            addressing=ADDRESSING,
            action=escape(action),
            to=escape(address),
            message=uuid4(),
            security=self._security() if signed and self._username else "",
            headers=headers,
            body=body,
        )
        try:
            answer = await self._http.post(
                address,
                content=content.encode(),
                headers={"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'},
                auth=self._auth if signed and self._auth else httpx.USE_CLIENT_DEFAULT,
                timeout=wait_s,
            )
        except httpx.HTTPError as error:
            what = f"the device does not answer: {type(error).__name__}."
            raise CustosError(what, where=_bare(address)) from error
        try:
            found = first(parsed(answer.content), "Body")
        except Misread as error:
            if answer.status_code in (401, 403):
                raise OnvifFault("name or password is wrong.", where=_bare(address)) from error
            what = f"the device answers with HTTP {answer.status_code} and no SOAP."
            raise CustosError(what, where=_bare(address)) from error
        fault = first(found, "Fault")
        if fault is not None:
            reason = text_of(fault, "Reason", "Text") or "no reason"
            codes = "/".join(text_of(one) for one in children(first(fault, "Code"), "Value"))
            raise OnvifFault(f"the device refuses: {reason[:200]} ({codes[:100]}).", where=_bare(address))
        if found is None:
            raise CustosError(f"the device answers with HTTP {answer.status_code} and no SOAP.", where=_bare(address))
        return found

    def _security(self) -> str:
        nonce = secrets.token_bytes(16)
        created = (self._clock() + self.offset).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return _SIGNATURE.format(
            security=_SECURITY,
            utility=_UTILITY,
            profile=_PROFILE,
            messages=_MESSAGES,
            name=escape(self._username or ""),
            digest=digest_of(nonce, created, self._password),
            nonce=base64.b64encode(nonce).decode(),
            created=created,
        )


def _bare(address: str) -> str:
    """Without credentials and query."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


_DATE = (("Date", "Year"), ("Date", "Month"), ("Date", "Day"), ("Time", "Hour"), ("Time", "Minute"), ("Time", "Second"))
_BODY = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="{envelope}" xmlns:a="{addressing}"><s:Header>'
    "<a:Action>{action}</a:Action><a:MessageID>urn:uuid:{message}</a:MessageID><a:To>{to}</a:To>"
    "{security}{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
)
_SIGNATURE = (
    '<w:Security xmlns:w="{security}" xmlns:u="{utility}" s:mustUnderstand="true"><w:UsernameToken>'
    '<w:Username>{name}</w:Username><w:Password Type="{profile}#PasswordDigest">{digest}</w:Password>'
    '<w:Nonce EncodingType="{messages}#Base64Binary">{nonce}</w:Nonce><u:Created>{created}</u:Created>'
    "</w:UsernameToken></w:Security>"
)
