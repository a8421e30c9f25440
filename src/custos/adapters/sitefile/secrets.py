"""What a site file must not hold: `${ENV}` and `!secret name` in URLs, and the file the secrets stand in.

A secret comes from the environment, CUSTOS_SECRET_<NAME> (upper case, '-' as '_'), or else from
`secrets.yaml` beside the site file, which only its owner may read. Values never appear in an error.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote

from custos.adapters.sitefile.document import SecretName, read_document
from custos.adapters.sitefile.problems import Problem, Refused, SiteFileError, did_you_mean

SECRETS_FILE = "secrets.yaml"
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_USERINFO = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<userinfo>[^/?#]*)@", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# A password with a bare "/", "?" or "#" ends the authority early: no port number follows "user:" then.
_BROKEN_USERINFO = re.compile(r"^[a-z][a-z0-9+.-]*://[^/\s?#:@]+:(?!\d+(?:[/?#]|$))[^\s@]+@", re.IGNORECASE)
_PASSWORD_KEY = re.compile(r"passw|pwd|token|secret|api[_-]?key|^(pass|psw|auth)$", re.IGNORECASE)
_REMEDY = (
    "Write ${ENV} in its place and set that variable, "
    "or keep the whole URL in secrets.yaml and write `url: !secret NAME`."
)


def has_password(url: str) -> bool:
    """Whether a password stands in `url`, in front of the host or as a parameter; `${ENV}` is none."""
    bare = _VARIABLE.sub("", url)
    match = _USERINFO.match(bare)
    if (match and match["userinfo"].partition(":")[2]) or _BROKEN_USERINFO.match(bare):
        return True
    if not is_address(url):
        return False
    query = bare.partition("?")[2].partition("#")[0]
    return any(_PASSWORD_KEY.search(key) and value for key, value in parse_qsl(query))


def is_address(url: str) -> bool:
    """Whether `url` names something by a scheme ("rtsp://...") rather than by a path."""
    return bool(_SCHEME.match(url))


def expand(template: str, environ: Mapping[str, str]) -> str:
    """Put the values of `${ENV}` in, percent-encoded in front of the host. Refused names what is missing."""
    match = _USERINFO.match(template)
    if not match:
        return _substitute(template, environ, encode=False)
    userinfo = _substitute(match["userinfo"], environ, encode=True)
    return f"{match['scheme']}{userinfo}@{_substitute(template[match.end() :], environ, encode=False)}"


def _substitute(text: str, environ: Mapping[str, str], *, encode: bool) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in environ:
            raise Refused(
                f"the environment has no variable {name}",
                f"Set it before the start: export {name}=...",
            )
        return quote(environ[name], safe="") if encode else environ[name]

    return _VARIABLE.sub(value, text)


@dataclass(slots=True)
class Secrets:
    """Values by name.

    Args:
        path: of secrets.yaml, which need not exist.
        environ: the process's environment.
        values: what secrets.yaml holds.
        written: URLs in which `${ENV}` was replaced, with how they are written.
    """

    path: Path
    environ: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    def url(self, value: str | SecretName) -> str:
        """The URL meant by `value`. Refused when a secret is missing or a password is written out."""
        if isinstance(value, SecretName):
            return self._secret(value.name)
        if has_password(value):
            raise Refused("a password is written out in the URL", _REMEDY)
        meant = expand(value, self.environ)
        if meant != value:
            self.written[meant] = value
        return meant

    def secret(self, value: str | SecretName) -> str:
        """A device's token, password or key. Refused when it is missing, or written out."""
        if isinstance(value, SecretName):
            return self._secret(value.name)
        if not _VARIABLE.fullmatch(value):
            raise Refused("a secret is written out", "Write ${ENV} in its place, or `!secret NAME`.")
        return _substitute(value, self.environ, encode=False)

    def _secret(self, name: str) -> str:
        variable = "CUSTOS_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
        if variable in self.environ:
            return self.environ[variable]
        if name in self.values:
            return self.values[name]
        near = did_you_mean(name, self.values) if self.values else ""
        raise Refused(
            f"there is no secret called {name!r}",
            f"Add '{name}: ...' to {self.path}, or set {variable}. {near}".strip(),
        )


def read_secrets(path: Path, environ: Mapping[str, str] = os.environ) -> Secrets:
    """Secrets of the file at `path` (none when there is no such file) and of `environ`.

    SiteFileError when others may read the file, or when it is not a plain list of `name: value`.
    """
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except FileNotFoundError:
        return Secrets(path, environ)
    except (OSError, UnicodeDecodeError) as error:
        raise SiteFileError([Problem(str(path), 0, f"the secrets cannot be read: {_reason(error)}")]) from error
    if stat.S_IMODE(mode) & 0o077:
        what = f"others may read this file of secrets (mode {stat.S_IMODE(mode):04o})"
        raise SiteFileError([Problem(str(path), 0, what, f"Run: chmod 600 {path}")])
    return Secrets(path, environ, _plain(text, path))


def _plain(text: str, path: Path) -> dict[str, str]:
    document = read_document(text, str(path))
    tree = {} if document.tree is None else document.tree
    if not isinstance(tree, dict):
        raise SiteFileError([Problem(str(path), 1, "secrets are written as 'name: value', one a line")])
    values: dict[str, str] = {}
    for name, value in tree.items():
        if isinstance(value, str):
            values[name] = value
        else:
            document.complain((name,), f"secret {name!r} is not text", "Put its value in quotes.")
    if document.problems:
        raise SiteFileError(document.problems)
    return values


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"
