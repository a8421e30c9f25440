"""The site, its cameras and its rules."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from custos.model.behaviours import BEHAVIOUR_KINDS
from custos.model.calibration import FITS, Calibration
from custos.model.detections import CLASS_GROUPS, COCO_CLASSES
from custos.model.errors import UsageError
from custos.model.live import CameraState
from custos.model.site import Camera, Site
from custos.pipeline.calibrations import read_calibrations, recalibrated
from custos.pipeline.cloudevents import instant_text
from custos.pipeline.ports import IncidentQuery
from custos.server.access import Access, Right
from custos.server.drawing import Drawing, check_still_used, drawing_of
from custos.server.openapi import EVERYWHERE, jpeg, problems
from custos.server.problems import Problem
from custos.server.shapes.base import Page
from custos.server.shapes.site import (
    BehaviourKindTold,
    CameraAsked,
    CameraTold,
    GroundTold,
    HeightTold,
    NewCameraAsked,
    RuleTold,
    SiteTold,
)
from custos.server.wiring import Reach, Wired, Wiring

router = APIRouter(tags=["site"], responses=problems(*EVERYWHERE))

CLASS_NAMES = [*CLASS_GROUPS, *COCO_CLASSES, "unknown"]
_LONGEST_ID = 63
_PAGES_COUNTED = 5
_PAGE_SIZE = 200


@router.get("/site")
def site(reach: Reach, wiring: Wired) -> SiteTold:
    """The site in numbers; open incidents are counted up to 1000."""
    here = reach.site()
    return SiteTold(
        id=here.id,
        name=here.name,
        time_zone=here.time_zone,
        demo=here.demo,
        version=wiring.deps.version,
        detector=wiring.deps.cameras.detector_name(),
        cameras=len(here.cameras),
        open_incidents=_open_incidents(here, wiring),
        class_names=CLASS_NAMES,
        problem=wiring.deps.site_problem() if reach.may(Right.CONFIGURE, here.id) else "",
    )


def _open_incidents(here: Site, wiring: Wiring) -> int:
    count, cursor = 0, None
    for _ in range(_PAGES_COUNTED):
        page = wiring.deps.store.incidents(here.id, IncidentQuery(states=("open",)), limit=_PAGE_SIZE, cursor=cursor)
        count += len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    return count


@router.get("/cameras")
def cameras(reach: Reach, wiring: Wired) -> Page[CameraTold]:
    """All cameras, in the order of the site file."""
    here, calibrations = reach.site(), _calibrations(wiring)
    items = [_told(c, wiring, calibrations.get(c.id, FITS)) for c in here.cameras]
    return Page[CameraTold](items=items, next_cursor=None)


@router.get("/cameras/{camera_id}")
def camera(camera_id: str, reach: Reach, wiring: Wired) -> CameraTold:
    """One camera."""
    found = reach.camera(camera_id)
    return _told(found, wiring, _calibrations(wiring).get(camera_id, FITS))


@router.post("/cameras", status_code=201, responses=problems(409))
def add_camera(asked: NewCameraAsked, reach: Reach, wiring: Wired) -> CameraTold:
    """Add a camera; 409 when there is one of this id."""
    time_zone = reach.site(Right.CONFIGURE).time_zone
    drawing = drawing_of(asked.zones, asked.lines, asked.behaviours, asked.ground, asked.heights, time_zone=time_zone)
    with wiring.site_lock:
        taken = {c.id for c in reach.site().cameras}
        if asked.id is not None and asked.id in taken:
            raise Problem(409, f"There is a camera {asked.id!r} already.", kind="id-taken")
        added = Camera(
            id=asked.id or free_id(asked.name, taken),
            name=asked.name,
            url=asked.url,
            zones=drawing.zones,
            lines=drawing.lines,
            transport=asked.transport,
            detect_fps=asked.detect_fps,
            behaviours=drawing.behaviours,
            ground=drawing.ground,
            heights=drawing.heights,
        )
        return _put(added, wiring)


@router.put("/cameras/{camera_id}")
async def change_camera(camera_id: str, asked: CameraAsked, reach: Reach, wiring: Wired) -> CameraTold:
    """Change a camera as a whole; `url` "" keeps the present one, leaving out `behaviours`, `ground` or `heights` keeps
    those.

    To redraw the zones or lines of a camera that was moved ends the doubt about them."""
    if await run_in_threadpool(_change, camera_id, asked, reach, wiring):
        await _recalibrate(camera_id, "redrawn", reach, wiring)
    return await run_in_threadpool(camera, camera_id, reach, wiring)


@router.post("/cameras/{camera_id}/recalibration", responses=problems(409))
async def confirm_zones(camera_id: str, reach: Reach, wiring: Wired) -> CameraTold:
    """Say that the zones of a camera that was moved fit what it sees now; 409 when nothing is in doubt."""
    await run_in_threadpool(reach.camera, camera_id, Right.CONFIGURE)
    if not await _recalibrate(camera_id, "confirmed", reach, wiring):
        raise Problem(409, "This camera's zones are not in doubt.", kind="not-in-doubt")
    return await run_in_threadpool(camera, camera_id, reach, wiring)


async def _recalibrate(camera_id: str, how: str, reach: Access, wiring: Wiring) -> bool:
    """End the doubt about a camera's zones; False when there is none."""
    known = (await run_in_threadpool(_calibrations, wiring)).get(camera_id, FITS)
    if not known.is_due:
        return False
    at, actor, site_id = wiring.deps.clock(), reach.principal.name, wiring.deps.book.site().id
    event = recalibrated(known, site_id=site_id, camera_id=camera_id, how=how, actor=actor, at=at)
    await wiring.deps.hub.accept([event])
    wiring.deps.cameras.recalibrated()
    return True


def _change(camera_id: str, asked: CameraAsked, reach: Access, wiring: Wiring) -> bool:
    """Change the camera; whether what is drawn on its picture is another now."""
    reach.camera(camera_id, Right.CONFIGURE)
    with wiring.site_lock:
        present = reach.camera(camera_id, Right.CONFIGURE)
        drawing = _drawing(asked, present, reach.site().time_zone)
        # The URL as it is shown, credentials hidden, comes back from forms and means the same as none.
        keeps_url = asked.url in ("", _shown_url(present, wiring))
        changed = replace(
            present,
            name=asked.name,
            url=present.url if keeps_url else asked.url,
            transport=asked.transport,
            loop=asked.loop,
            enabled=asked.enabled,
            detect_fps=asked.detect_fps,
            zones=drawing.zones,
            lines=drawing.lines,
            behaviours=drawing.behaviours,
            ground=drawing.ground,
            heights=drawing.heights,
        )
        _put(changed, wiring)
        return _drawn(present) != _drawn(changed)


def _drawn(camera: Camera) -> tuple[object, ...]:
    """What is true of one view only."""
    return camera.zones, camera.lines, camera.ground, camera.heights


def _drawing(asked: CameraAsked, present: Camera, time_zone: str) -> Drawing:
    """What is to be on the picture; Problem 422 where it does not fit together."""
    ground = asked.ground
    if "ground" not in asked.model_fields_set and present.ground is not None:
        ground = GroundTold.of(present.ground)
    heights = asked.heights if "heights" in asked.model_fields_set else [HeightTold.of(h) for h in present.heights]
    drawing = drawing_of(
        asked.zones, asked.lines, asked.behaviours, ground, heights, time_zone=time_zone, present=present
    )
    if "behaviours" in asked.model_fields_set:
        return drawing
    check_still_used(drawing, present.behaviours, has_ground=ground is not None)
    return replace(drawing, behaviours=present.behaviours)


@router.delete("/cameras/{camera_id}", status_code=204, responses=problems(409))
def remove_camera(camera_id: str, reach: Reach, wiring: Wired) -> Response:
    """Take a camera away; 409 while a rule watches one of its zones."""
    with wiring.site_lock:
        reach.camera(camera_id, Right.CONFIGURE)
        try:
            wiring.deps.book.remove_camera(camera_id)
        except UsageError as refusal:
            told = f"{refusal.what} {refusal.remedy}".strip()
            raise Problem(409, told, kind="in-use") from refusal
    return Response(status_code=204)


@router.get(
    "/cameras/{camera_id}/snapshot.jpg",
    response_class=Response,
    responses={**jpeg("The picture of this moment; X-Captured-At says when it was taken."), **problems(503)},
)
async def snapshot(camera_id: str, reach: Reach, wiring: Wired) -> Response:
    """The camera's latest picture."""
    camera = await run_in_threadpool(reach.camera, camera_id)
    picture = await wiring.deps.cameras.snapshot(camera.id)
    if picture is None:
        raise Problem(503, "The camera has no picture just now.", kind="no-picture", retry_after_s=5)
    return Response(picture.jpeg, headers={"X-Captured-At": instant_text(picture.at)}, media_type="image/jpeg")


@router.get("/behaviour-kinds")
def behaviour_kinds(reach: Reach) -> Page[BehaviourKindTold]:
    """What tracks may do: every kind of behaviour with its settings and what it needs, for forms."""
    reach.site()
    return Page[BehaviourKindTold](items=[BehaviourKindTold.of(k) for k in BEHAVIOUR_KINDS.values()], next_cursor=None)


@router.get("/rules")
def rules(reach: Reach) -> Page[RuleTold]:
    """The site's rules."""
    return Page[RuleTold](items=[RuleTold.of(r) for r in reach.site().rules], next_cursor=None)


def state_of(camera: Camera, wiring: Wiring) -> CameraState:
    """As its worker tells; without word of one: disabled or unserved, since the server's start."""
    told = wiring.deps.cameras.states().get(camera.id)
    if told is not None:
        return told
    return CameraState(camera.id, "unserved" if camera.enabled else "disabled", since=wiring.started_at)


def free_id(name: str, taken: set[str]) -> str:
    """An id made of a camera's name: "Büro (Nord)" -> "buro-nord"; with a number where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: _LONGEST_ID - 5].strip("-") or "camera"
    number = 1
    while (candidate := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return candidate


def _put(camera: Camera, wiring: Wiring) -> CameraTold:
    stored = wiring.deps.book.put_camera(camera).camera(camera.id)
    return _told(stored or camera, wiring, FITS)


def _calibrations(wiring: Wiring) -> dict[str, Calibration]:
    site = wiring.deps.book.site()
    return read_calibrations(wiring.deps.store, site.id, [c.id for c in site.cameras])


def _told(camera: Camera, wiring: Wiring, calibration: Calibration) -> CameraTold:
    """With what is stored of its zones: a worker that was started again may not have been told yet."""
    state = replace(
        state_of(camera, wiring),
        needs_recalibration=calibration.is_due,
        recalibration_reason=calibration.reason if calibration.is_due else "",
    )
    return CameraTold.of(camera, shown_url=_shown_url(camera, wiring), state=state)


def _shown_url(camera: Camera, wiring: Wiring) -> str:
    return wiring.deps.redact(wiring.deps.book.as_written(camera.url))
