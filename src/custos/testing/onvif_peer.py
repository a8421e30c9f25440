"""An ONVIF device for tests: real SOAP over HTTP, with a clock of its own and WS-Security that it checks in that.

with OnvifPeer(password="...", offset_s=90) as peer:
    peer.notify("tns1:VideoSource/MotionAlarm", {"Source": "1"}, {"State": "true"})

What it checks and answers is written after the specifications, and imports nothing of the adapter.
"""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

FRESH_S = 5.0
_FAULT = (
    '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:ter="http://www.onvif.org/ver10/error">'
    '{code}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault>'
)


class OnvifPeer:
    """A device on a free port of 127.0.0.1.

    Args:
        offset_s: its clock less ours. life_s: how long a subscription lives, whatever is asked for.
        services: whether it has GetServices; an older device has capabilities only.
    """

    def __init__(
        self,
        *,
        user: str = "custos",
        password: str = "secret",  # noqa: S107 - a test's
        offset_s: float = 0.0,
        life_s: float = 60.0,
        services: bool = True,
    ) -> None:
        self.user, self.password, self.offset_s, self.life_s, self.services = user, password, offset_s, life_s, services
        self.requests: list[str] = []
        self.subscriptions: set[str] = set()
        self.made = 0
        self.messages: list[str] = []
        self.arrived = threading.Condition()
        self.seen_nonces: set[str] = set()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.port = 0
        self.stream_port = 554

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/onvif/device_service"

    def now(self) -> datetime:
        """By its own clock."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def start(self) -> None:
        """Start, at the port of the last time if there was one."""
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = peer.answer(self.path, body.decode())
                told = answer.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Its power is cut: it forgets its subscriptions."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None
        self.subscriptions.clear()

    def __enter__(self) -> OnvifPeer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def notify(
        self,
        topic: str,
        source: Mapping[str, str],
        data: Mapping[str, str],
        *,
        operation: str = "Changed",
        at: datetime | None = None,
    ) -> None:
        """Something happens."""
        stamp = (at or self.now()).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        told = f' PropertyOperation="{operation}"' if operation else ""
        parts = "".join(
            f"<tt:{name}>"
            + "".join(f'<tt:SimpleItem Name="{k}" Value="{v}"/>' for k, v in items.items())
            + f"</tt:{name}>"
            for name, items in (("Source", source), ("Data", data))
        )
        with self.arrived:
            self.messages.append(
                '<n:NotificationMessage><n:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
                f'{topic}</n:Topic><n:Message><tt:Message UtcTime="{stamp}"{told}>{parts}</tt:Message></n:Message>'
                "</n:NotificationMessage>"
            )
            self.arrived.notify_all()

    def answer(self, path: str, request: str) -> tuple[int, str]:
        """Status and envelope."""
        root = ET.fromstring(request)  # noqa: S314 - our own client's
        body = next(iter(next(one for one in root if one.tag.endswith("}Body"))))
        name = body.tag.rpartition("}")[2]
        self.requests.append(name)
        refused = "" if name == "GetSystemDateAndTime" else self._refusal(root)
        if refused:
            return 400, self._envelope(_FAULT.format(code="ter:NotAuthorized", text=refused))
        make = getattr(self, f"_{name}", None)
        if make is None or (name == "GetServices" and not self.services):
            return 400, self._envelope(_FAULT.format(code="ter:ActionNotSupported", text=f"no {name}"))
        answer = str(make(path, body))
        return (400 if "<s:Fault>" in answer else 200), self._envelope(answer)

    def _refusal(self, root: ET.Element) -> str:
        """Why the UsernameToken does not count; after the UsernameToken Profile 1.0."""
        told = {one.tag.rpartition("}")[2]: (one.text or "") for one in root.iter()}
        if told.get("Username") != self.user or "Nonce" not in told:
            return "Sender not authorized"
        raw = base64.b64decode(told["Nonce"]) + told["Created"].encode() + self.password.encode()
        if base64.b64encode(hashlib.sha1(raw).digest()).decode() != told["Password"]:  # noqa: S324 - the standard's
            return "Sender not authorized"
        created = datetime.strptime(told["Created"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs((created - self.now()).total_seconds()) > FRESH_S or told["Nonce"] in self.seen_nonces:
            return "Created is out of time, or the nonce was used"
        self.seen_nonces.add(told["Nonce"])
        return ""

    def _envelope(self, body: str) -> str:
        return (
            '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
            'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:n="http://docs.oasis-open.org/wsn/b-2" '
            'xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:tns1="http://www.onvif.org/ver10/topics" '
            f'xmlns:tt="http://www.onvif.org/ver10/schema"><s:Header/><s:Body>{body}</s:Body></s:Envelope>'
        )

    # --- what it can do; the names are the specifications' ---

    def _GetSystemDateAndTime(self, path: str, body: ET.Element) -> str:  # noqa: N802
        at = self.now()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
            f"<tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}</tt:Year>"
            f"<tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _GetDeviceInformation(self, path: str, body: ET.Element) -> str:  # noqa: N802
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>Acme</tds:Manufacturer><tds:Model>Eye 3</tds:Model>"
            "<tds:FirmwareVersion>1.2.3</tds:FirmwareVersion><tds:SerialNumber>SN-7</tds:SerialNumber>"
            "<tds:HardwareId>hw1</tds:HardwareId></tds:GetDeviceInformationResponse>"
        )

    def _GetServices(self, path: str, body: ET.Element) -> str:  # noqa: N802
        services = (("ver10/device", "device_service"), ("ver10/media", "media"), ("ver10/events", "events"))
        return "<tds:GetServicesResponse>" + "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/{name}/wsdl</tds:Namespace>"
            f"<tds:XAddr>http://10.0.0.9/onvif/{address}</tds:XAddr></tds:Service>"  # as it is called inside its NAT
            for name, address in services
        ) + "</tds:GetServicesResponse>"  # fmt: skip

    def _GetCapabilities(self, path: str, body: ET.Element) -> str:  # noqa: N802
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Events><tt:XAddr>http://10.0.0.9/onvif/events</tt:XAddr>"
            "</tt:Events></tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _GetProfiles(self, path: str, body: ET.Element) -> str:  # noqa: N802
        main = '<trt:Profiles token="main"><tt:MetadataConfiguration token="m"/></trt:Profiles>'
        return f'<trt:GetProfilesResponse>{main}<trt:Profiles token="sub"/></trt:GetProfilesResponse>'

    def _GetStreamUri(self, path: str, body: ET.Element) -> str:  # noqa: N802
        token = next((one.text or "") for one in body.iter() if one.tag.endswith("}ProfileToken"))
        uri = f"rtsp://custos:{self.password}@10.0.0.9:{self.stream_port}/{token}"
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def _CreatePullPointSubscription(self, path: str, body: ET.Element) -> str:  # noqa: N802
        self.made += 1
        name = f"/onvif/pull/{self.made}"
        self.subscriptions.add(name)
        return (
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><a:Address>"
            f"http://10.0.0.9{name}</a:Address></tev:SubscriptionReference>{self._times('n')}"
            "</tev:CreatePullPointSubscriptionResponse>"
        )

    def _times(self, prefix: str) -> str:
        now = self.now()
        ends = now + timedelta(seconds=self.life_s)
        return (
            f"<{prefix}:CurrentTime>{now.isoformat()}</{prefix}:CurrentTime>"
            f"<{prefix}:TerminationTime>{ends.isoformat()}</{prefix}:TerminationTime>"
        )

    def _unknown(self, path: str) -> str:
        known = path in self.subscriptions
        return "" if known else _FAULT.format(code="ter:InvalidArgVal", text="unknown subscription")

    def _SetSynchronizationPoint(self, path: str, body: ET.Element) -> str:  # noqa: N802
        return self._unknown(path) or "<tev:SetSynchronizationPointResponse/>"

    def _Renew(self, path: str, body: ET.Element) -> str:  # noqa: N802
        return self._unknown(path) or f"<n:RenewResponse>{self._times('n')}</n:RenewResponse>"

    def _Unsubscribe(self, path: str, body: ET.Element) -> str:  # noqa: N802
        refused = self._unknown(path)
        self.subscriptions.discard(path)
        return refused or "<n:UnsubscribeResponse/>"

    def _PullMessages(self, path: str, body: ET.Element) -> str:  # noqa: N802
        refused = self._unknown(path)
        if refused:
            return refused
        told = next((one.text or "") for one in body.iter() if one.tag.endswith("}Timeout"))
        found = re.fullmatch(r"PT([0-9.]+)S", told)
        with self.arrived:
            if not self.messages:
                self.arrived.wait(float(found[1]) if found else 1.0)
            messages, self.messages = self.messages, []
        return f"<tev:PullMessagesResponse>{self._times('tev')}{''.join(messages)}</tev:PullMessagesResponse>"
