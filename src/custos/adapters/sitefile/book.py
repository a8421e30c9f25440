"""The site file as the console and the workers share it: read, changed, and watched for changes by others."""

from __future__ import annotations

import io
import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, TaggedScalar

from custos.adapters.sitefile import edit
from custos.adapters.sitefile.atomic import write_atomically
from custos.adapters.sitefile.document import SecretName
from custos.adapters.sitefile.plan import read_plan
from custos.adapters.sitefile.premises import files_beside
from custos.adapters.sitefile.problems import Problem, Refused, SiteFileError
from custos.adapters.sitefile.reader import read_text, reading_of, resolve_path, site_of
from custos.adapters.sitefile.secrets import SECRETS_FILE, Secrets, has_password, read_secrets
from custos.model.errors import UsageError
from custos.model.plan import Placing, PlanImage
from custos.model.site import Camera, Site

log = logging.getLogger(__name__)
Listener = Callable[[Site], None]

_NEW_FILE = """\
# A Custos site file; docs/site-file.md explains every key.
# The console adds cameras here, and leaves your comments and everything else as it is.
site:
  id: {id}
  name: {name}
  time_zone: {time_zone}
"""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells that a file is still the one that was read."""

    modified_ns: int
    size: int
    inode: int


class YamlSiteBook:
    """A site file. Thread-safe. Other writers are respected: what they wrote is read before every change."""

    def __init__(self, path: Path | str, environ: Mapping[str, str] = os.environ) -> None:
        """SiteFileError when the file does not describe a site."""
        self.path = Path(path)
        self._environ = environ
        self._lock = threading.RLock()
        self._listeners: list[Listener] = []
        self._written: dict[str, str] = {}
        self._beside: tuple[Path, ...] = ()
        self._stamps = self._look()
        self._site = self._read()
        self.problem: SiteFileError | None = None
        """Why the file as it stands now is not in force, when somebody broke it, or renamed the site, after the
        start."""

    @classmethod
    def create(
        cls,
        path: Path | str,
        site_id: str,
        name: str,
        time_zone: str = "UTC",
        environ: Mapping[str, str] = os.environ,
    ) -> YamlSiteBook:
        """Start a site file without cameras. UsageError when there is one already."""
        if Path(path).exists():
            raise UsageError("there is a site file already.", where=str(path), remedy="Open it instead.")
        words = {"id": site_id, "name": name, "time_zone": time_zone}
        text = _NEW_FILE.format_map({key: _scalar(word) for key, word in words.items()})
        site_of(text, path, Secrets(Path(path).parent / SECRETS_FILE, environ))
        write_atomically(Path(path), text, mode=0o644)
        return cls(path, environ)

    def site(self) -> Site:
        """The site as the file describes it now; as it last did, while the file is broken."""
        self.refresh()
        return self._site

    def as_written(self, url: str) -> str:
        """A camera's URL with `${ENV}` where the file says so: the values are not for everybody."""
        return self._written.get(url, url)

    def on_change(self, listener: Listener) -> None:
        """Have `listener` called with every new Site, in the thread that made or noticed the change."""
        self._listeners.append(listener)

    def refresh(self) -> bool:
        """Read the file again if it has changed; whether that made a new Site."""
        with self._lock:
            stamps = self._look()
            if stamps == self._stamps:
                return False
            self._stamps = stamps
            try:
                site = self._read()
                self._refuse_other_id(site)
            except SiteFileError as error:
                self.problem = error
                log.warning("the site file was changed and is not in force, the site before it still is:\n%s", error)
                return False
            return self._put_in_force(site)

    def put_camera(self, camera: Camera) -> Site:
        """Add, or replace, the camera of this id.

        The URL it has now leaves the URL as it stands in the file; a new one with a password goes to
        secrets.yaml. A new one with `${` is refused: who may add a camera must not read the environment so,
        or send it to a host of their choice. UsageError when the camera does not make sense here, CustosError
        when the file cannot be written; nothing is changed then.
        """
        with self._lock:
            draft = self._open()
            before = draft.site.camera(camera.id)
            camera, url = edit.rounded(camera), None
            if before is None or camera.url != before.url:
                url = self._place_url(draft, camera)
                meant = draft.secrets.url(SecretName(str(url)) if isinstance(url, TaggedScalar) else url)
                camera = replace(camera, url=resolve_path(meant, self.path.parent))
            cameras = [camera if one.id == camera.id else one for one in draft.site.cameras]
            draft.site = _with_cameras(draft.site, cameras if before else [*cameras, camera], self.path)
            draft.text = edit.put_camera(draft.text, camera, url)
            return self._commit(draft, camera.id)

    def remove_camera(self, camera_id: str) -> Site:
        """Take a camera out. UsageError when there is none, or a rule watches one of its zones."""
        with self._lock:
            draft = self._open()
            if draft.site.camera(camera_id) is None:
                raise UsageError(f"there is no camera {camera_id!r}.", where=str(self.path))
            cameras = [one for one in draft.site.cameras if one.id != camera_id]
            draft.site = _with_cameras(draft.site, cameras, self.path)
            draft.text = edit.remove_camera(draft.text, camera_id)
            return self._commit(draft, camera_id)

    def put_places(self, placing: Placing) -> Site:
        """Put things on the plan where `placing` says.

        UsageError when it names what is not there or the file's form does not allow it; nothing is changed then.
        """
        with self._lock:
            draft = self._open()
            placing = edit.rounded_places(placing)
            try:
                draft.site = draft.site.placed(placing)
            except ValueError as error:
                raise UsageError(f"{error}.", where=str(self.path)) from error
            draft.text = edit.put_places(draft.text, placing)
            return self._commit(draft)

    def put_rule(self, rule_id: str, *, in_use: bool) -> Site:
        """Use a rule from a rule file, or switch it off here. CustosError when the file cannot be written."""
        with self._lock:
            draft = self._open()
            off = tuple(one for one in draft.site.rules_off if one != rule_id)
            off = off if in_use else (*off, rule_id)
            if set(off) == set(draft.site.rules_off):
                return self.site()
            draft.site = replace(draft.site, rules_off=off)
            draft.text = edit.put_rules_off(draft.text, off)
            return self._commit(draft)

    def plan_image(self) -> PlanImage | None:
        """The picture of the site's plan, checked anew; None when there is none that may be shown."""
        plan = self.site().plan
        if plan is None or plan.image is None:
            return None
        try:
            return read_plan(Path(plan.image))
        except Refused as error:
            log.warning("the plan is not shown: %s", error.what)
            return None

    def _look(self) -> tuple[_Stamp | None, ...]:
        return tuple(map(_stamp, (self.path, self.path.parent / SECRETS_FILE, *self._beside)))

    def _read(self) -> Site:
        secrets = read_secrets(self.path.parent / SECRETS_FILE, self._environ)
        text = read_text(self.path)
        # Before they are read: what is changed in between is read again.
        self._beside = files_beside(text, self.path)
        self._stamps = (*self._stamps[:2], *map(_stamp, self._beside))
        reading = reading_of(text, self.path, secrets)
        for doubt in reading.doubts:
            log.warning("%s", doubt)
        # Never forgotten: a reader may still hold the site before this one.
        self._written.update({resolve_path(url, self.path.parent): text for url, text in secrets.written.items()})
        return reading.site

    def _refuse_other_id(self, site: Site) -> None:
        """The id names the site in every record: hub, workers and store go on under the one they began with."""
        if site.id != self._site.id:
            what = f"the site's id was changed from {self._site.id!r} to {site.id!r} while Custos runs"
            raise SiteFileError([Problem(str(self.path), 0, what, "Restart Custos to rename the site.")])

    def _put_in_force(self, site: Site) -> bool:
        self.problem = None
        if site == self._site:
            return False
        self._site = site
        for listener in tuple(self._listeners):
            listener(site)
        return True

    def _open(self) -> _Draft:
        """The files as they stand now, whoever wrote them last. SiteFileError while they cannot be in force."""
        secrets = read_secrets(self.path.parent / SECRETS_FILE, self._environ)
        raw = read_text(self.path)
        text = raw.replace("\r\n", "\n")
        text = text if text.endswith("\n") else text + "\n"
        draft = _Draft(raw, text, site_of(raw, self.path, secrets), secrets)
        self._refuse_other_id(draft.site)
        return draft

    def _place_url(self, draft: _Draft, camera: Camera) -> str | TaggedScalar:
        """What is to stand in the site file for a new URL; one with a password is put among the secrets."""
        if "${" in camera.url:
            what = "variables are written in the site file by hand."
            remedy = "Give the URL without ${...}; a password in it is kept in secrets.yaml."
            raise UsageError(what, where="url", remedy=remedy)
        if not has_password(camera.url):
            return camera.url
        name = _secret_name(camera.id)
        draft.secrets = replace(draft.secrets, values={**draft.secrets.values, name: camera.url})
        return edit.secret(name)

    def _commit(self, draft: _Draft, camera_id: str | None = None) -> Site:
        """Write what was checked: secrets that are new first, those that nobody names any more last."""
        try:
            reads_back = site_of(draft.text, self.path, draft.secrets)
        except SiteFileError as error:
            what = "; ".join(problem.what for problem in error.problems)
            remedy = " ".join(problem.remedy for problem in error.problems)
            told = f"{what}." if camera_id is None else f"camera {camera_id!r}: {what}."
            raise UsageError(told, where=str(self.path), remedy=remedy) from error
        if reads_back != draft.site:
            what = "this change cannot be made without touching other parts of the file."
            raise UsageError(what, where=str(self.path), remedy="Make it by hand; is an anchor shared there?")
        if read_text(self.path) != draft.raw:
            raise UsageError(
                "the file was changed by somebody else just now.", where=str(self.path), remedy="Try again."
            )
        crlf = "\r\n" in draft.raw
        _write_secrets(draft.secrets)
        write_atomically(self.path, draft.text.replace("\n", "\r\n") if crlf else draft.text, mode=0o644)
        name = "" if camera_id is None else _secret_name(camera_id)
        if name in draft.secrets.values and name not in edit.secret_names(draft.text):
            kept = {key: value for key, value in draft.secrets.values.items() if key != name}
            _write_secrets(replace(draft.secrets, values=kept))
        self.refresh()
        return self._site


@dataclass(slots=True)
class _Draft:
    """A change on its way: the file as read, the text to write, and the site and secrets meant by it."""

    raw: str
    text: str
    site: Site
    secrets: Secrets


def _stamp(path: Path) -> _Stamp | None:
    try:
        stat = path.stat()
    except (OSError, ValueError):  # a name with a NUL in it is the name of no file
        return None
    return _Stamp(stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _secret_name(camera_id: str) -> str:
    return f"camera-{camera_id}-url"


def _with_cameras(site: Site, cameras: list[Camera], path: Path) -> Site:
    try:
        return replace(site, cameras=tuple(cameras))
    except ValueError as error:
        remedy = "Change that rule in the site file first."
        raise UsageError(f"{error}.", where=str(path), remedy=remedy) from error


def _scalar(word: str) -> str:
    """`word` as YAML writes it on one line, quoted where it must be."""
    out = io.StringIO()
    YAML().dump({"word": word}, out)
    return out.getvalue().removeprefix("word: ").rstrip("\n")


def _write_secrets(secrets: Secrets) -> None:
    """Bring secrets.yaml to these values, keeping its comments; leave it alone when it holds them."""
    text = read_text(secrets.path) if secrets.path.exists() else ""
    yaml = YAML()
    yaml.width = 4096
    entries = yaml.load(text) or CommentedMap()
    if dict(entries) == secrets.values:
        return
    for name in [one for one in entries if one not in secrets.values]:
        del entries[name]
    entries.update(secrets.values)
    out = io.StringIO()
    yaml.dump(entries, out)
    write_atomically(secrets.path, out.getvalue(), mode=0o600)
