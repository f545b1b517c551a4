"""What holds for every route of every unit: HEAD, preflights, CORS, types of bodies, prefixes (spec: units)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .serving import Served

#: Routes that are read, of each unit: with a process and a message.
READS = {
    "gateway": [
        "/",
        "/info",
        "/{m}",
        "/raw/{m}",
        "/tx/{m}",
        "/tx/{m}/status",
        "/tx_anchor",
        "/price/1",
        "/block/current",
    ],
    "uploader": ["/"],
    "mu": ["/", "/?debug&process={p}&message={m}"],
    "su": [
        "/",
        "/health",
        "/timestamp",
        "/timestamp?process-id={p}",
        "/processes/{p}",
        "/{p}?process-id={p}",
        "/{p}/latest",
    ],
    "cu": ["/", "/result/{m}?process-id={p}", "/results/{p}", "/cron/{p}", "/state/{p}"],
    "ur": ["/", "/healthcheck", "/result/{m}?process-id={p}", "/results/{p}", "/cron/{p}", "/state/{p}"],
}
ROUTES = [(unit, path) for unit, paths in READS.items() for path in paths]
UNREAD = [
    ("mu", "/"),
    ("mu", "/monitor/{p}"),
    ("su", "/"),
    ("cu", "/dry-run"),
    ("gateway", "/graphql"),
    ("uploader", "/tx"),
]
METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE"


@pytest.fixture(scope="module")
def names(server: Served, ping: str) -> dict[str, str]:
    """A process and one of its messages."""
    return {"p": ping, "m": server.message(ping, "Ping")}


def _stable(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("date", "content-length")}


@pytest.mark.parametrize(("unit", "path"), ROUTES)
def test_what_is_read(server: Served, names: dict[str, str], unit: str, path: str) -> None:
    """200 for any origin; HEAD has the same headers and nothing else; with a slash at its end, it is the unit's root."""
    url = server.urls[unit] + path.format(**names)
    got, head = server.http.get(url), server.http.head(url)
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    assert _stable(got.headers) == _stable(head.headers)
    assert got.headers["access-control-allow-origin"] == "*"
    if got.headers.get("content-type", "").startswith("application/json"):
        got.json()


@pytest.mark.parametrize(("unit", "path"), [*ROUTES, *UNREAD, ("cu", "/no/such/route")])
def test_preflights(server: Served, names: dict[str, str], unit: str, path: str) -> None:
    """204 on every path, with the methods of the real units, and the headers that were asked for."""
    url = server.urls[unit] + path.format(**names)
    for asked in ("content-type", "Content-Type, x-max-age,accept"):
        answer = server.http.options(
            url,
            headers={
                "Origin": "null",
                "Access-Control-Request-Method": "DELETE",
                "Access-Control-Request-Headers": asked,
            },
        )
        told = {name: answer.headers.get(f"access-control-allow-{name}") for name in ("origin", "methods", "headers")}
        assert (answer.status_code, answer.content) == (204, b"")
        assert told == {"origin": "*", "methods": METHODS, "headers": asked}
    assert "access-control-allow-headers" not in server.http.options(url).headers


@pytest.mark.parametrize("asked", ["a" * 1001, "x\ty", "x\x80", "a:b", "<script>"])
def test_a_preflight_repeats_no_nonsense(server: Served, asked: str) -> None:
    """What is no list of headers is not given back."""
    answer = server.http.options(server.urls["mu"], headers={"Access-Control-Request-Headers": asked.encode("latin-1")})
    assert (answer.status_code, "access-control-allow-headers" in answer.headers) == (204, False)


@pytest.mark.parametrize("unit", ["mu", "su", "cu", "ur"])
def test_units_under_the_gateway(server: Served, names: dict[str, str], unit: str) -> None:
    """The same units are under `/mu /su /cu /ur` of the gateway, with and without a slash at the end."""
    own = re.sub(r"\d{13}", "TIME", server.http.get(server.urls[unit]).text)
    for end in ("", "/"):
        answer = server.http.get(f"{server.urls['gateway']}/{unit}{end}")
        assert (answer.status_code, re.sub(r"\d{13}", "TIME", answer.text)) == (200, own)
    for path in READS[unit]:
        if path.startswith(("/r", "/s", "/p", "/{")):
            url = path.format(**names)
            one, two = (server.http.get(base + url) for base in (server.urls[unit], f"{server.urls['gateway']}/{unit}"))
            assert (one.status_code, one.content) == (two.status_code, two.content)


@pytest.mark.parametrize("unit", ["gateway", "uploader", "mu", "su", "cu", "ur"])
def test_errors_are_json(server: Served, unit: str) -> None:
    """No route: 404, in the compute unit's form; another method: 405 with `Allow`; both for any origin."""
    for method, path in (("GET", "/a/b/c/d"), ("DELETE", "/"), ("PATCH", "/")):
        answer = server.http.request(method, server.urls[unit] + path)
        told = answer.json()
        assert answer.headers["access-control-allow-origin"] == "*"
        if answer.status_code == 404:
            assert told == {"message": f"Route {method}:{path} not found", "error": "Not Found", "statusCode": 404}
        else:
            assert (answer.status_code, [*told], "GET" in answer.headers["allow"]) == (405, ["error"], True)
