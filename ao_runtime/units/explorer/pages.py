"""The templates, what is fixed beside them, and the headers of every answer."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .rows import ROOT

__all__ = ["STATIC", "forbid", "redirect", "rendered", "static"]

#: What is fixed: names, and their types.
STATIC = {
    "explorer.css": "text/css; charset=utf-8",
    "explorer.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
#: A host as a policy can name it; an address in brackets cannot.
_HOST = re.compile(r"[A-Za-z0-9.-]{1,100}(:\d{1,5})?\Z")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("ao_runtime.units.explorer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(root=ROOT, version=_version())
    return environment


@cache
def static(name: str) -> bytes:
    """The content of a fixed file, one of `STATIC`."""
    return files("ao_runtime.units.explorer").joinpath("static", name).read_bytes()


@cache
def _version() -> str:
    """Changes with what is fixed: a browser that has an old one asks again."""
    return sha256(b"".join(map(static, STATIC))).hexdigest()[:12]


def rendered(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page."""
    text = _templates().get_template(template).render(**values)
    # Half of a surrogate pair is no text that a page can hold.
    response = Response(text.encode("utf-8", "replace"), status, media_type="text/html; charset=utf-8")
    response.headers["cache-control"] = "no-store"
    return forbid(request, response)


def redirect(request: Request, to: str) -> Response:
    """Another page."""
    return forbid(request, RedirectResponse(to, 302))


def forbid(request: Request, response: Response) -> Response:
    """Forbid a browser all that a page of ours does not need: should anything ever get through, it does nothing.

    Scripts and styles are those of one folder: data that strangers have uploaded lies on the same server.
    """
    host = request.headers.get("host", "")
    own = f"{host}{ROOT}/static/" if _HOST.match(host) else "'self'"
    response.headers["content-security-policy"] = (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src {own}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["referrer-policy"] = "no-referrer"
    response.headers["cross-origin-opener-policy"] = "same-origin"
    response.headers["cross-origin-resource-policy"] = "same-origin"
    response.headers["x-content-type-options"] = "nosniff"
    return response
