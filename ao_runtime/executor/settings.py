"""Where the colony is and who we are in it: from options, from `COLONIES_*` in the environment, and from a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..colonies import Colonies, hidden
from ..errors import InputError
from ..models import read_regular

__all__ = ["EXECUTOR_TYPE", "VARIABLES", "Settings", "read_variables"]

#: The kind of our executors, if nothing else is said.
EXECUTOR_TYPE = "ao-runtime"
#: What the environment or a file may say, those of ColonyOS's own tools and ours.
VARIABLES = {
    "COLONIES_URL": "where calls go: http(s)://HOST:PORT/api",
    "COLONIES_SERVER_HOST": "the server's host, where no URL is given",
    "COLONIES_SERVER_PORT": "its port",
    "COLONIES_SERVER_TLS": "true for https",
    "COLONIES_COLONY_NAME": "the colony",
    "COLONIES_PRVKEY": "the private key that signs",
    "COLONIES_COLONY_PRVKEY": "the colony owner's key: an executor adds and approves itself",
    "COLONIES_EXECUTOR_NAME": "the executor's name",
    "COLONIES_EXECUTOR_TYPE": f"the kind of executor, {EXECUTOR_TYPE} if not given",
    "COLONIES_DATA": "the folder that executors and submitters share",
}
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")
_LARGEST_FILE = 1 << 20


@dataclass(frozen=True)
class Settings:
    """Where the colony is, and who we are in it. The keys are in no repr."""

    url: str
    colony: str
    prvkey: str = field(repr=False)
    colony_prvkey: str | None = field(default=None, repr=False)
    name: str | None = None
    executortype: str = EXECUTOR_TYPE
    data: Path | None = None

    @classmethod
    def of(
        cls,
        variables: Mapping[str, str],
        *,
        url: str | None = None,
        colony: str | None = None,
        prvkey: str | None = None,
        name: str | None = None,
        executortype: str | None = None,
        data: str | None = None,
    ) -> Settings:
        """What is given, and what `variables` say of the rest.

        Raises `InputError` where there is no colony or no key, and for a folder that is none.
        """
        prvkey = hidden(prvkey or variables.get("COLONIES_PRVKEY", ""))
        if not prvkey:
            raise InputError(
                "there is no private key to sign with", field="key", advice="set COLONIES_PRVKEY, or give --key FILE"
            )
        colony = colony or variables.get("COLONIES_COLONY_NAME")
        if not colony:
            raise InputError("is not named", field="colony", advice="set COLONIES_COLONY_NAME, or give --colony NAME")
        owner = variables.get("COLONIES_COLONY_PRVKEY")
        folder = data or variables.get("COLONIES_DATA")
        return cls(
            url=url or _url_of(variables),
            colony=colony,
            prvkey=prvkey,
            colony_prvkey=hidden(owner) if owner else None,
            name=name or variables.get("COLONIES_EXECUTOR_NAME") or None,
            executortype=executortype or variables.get("COLONIES_EXECUTOR_TYPE") or EXECUTOR_TYPE,
            data=None if not folder else _folder(folder),
        )

    def client(self, timeout: float = 30.0) -> Colonies:
        """A client that signs with our key. Raises `InputError` for a URL or a key that is none."""
        return Colonies(self.url, self.prvkey, timeout)


def read_variables(environment: Mapping[str, str], file: str | None = None) -> dict[str, str]:
    """The `COLONIES_*` of a file of lines NAME=VALUE, and those of the environment, which come first.

    Lines may begin with `export` and values may be in quotes, as a shell would read them; `#` begins a comment. Raises
    `InputError`, with the line, for a line that is none and for a name that there is not.
    """
    found: dict[str, str] = {}
    if file is not None:
        try:
            text = read_regular(file, _LARGEST_FILE).decode()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "is no text"
            raise InputError(f"cannot be read: {reason}", file=file) from None
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if line and not line.startswith("#"):
                name, value = _variable(line, file, number)
                found[name] = value
    found |= {name: environment[name] for name in VARIABLES if environment.get(name)}
    return found


def _variable(line: str, file: str, number: int) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    # The line itself is not told: it may hold a key.
    if match is None:
        raise InputError("is no NAME=VALUE", file=file, line=number)
    name, value = match.groups()
    if name not in VARIABLES:
        from difflib import get_close_matches

        near = get_close_matches(name, VARIABLES, 1)
        advice = f"did you mean {near[0]}?" if near else f"the names are {', '.join(VARIABLES)}"
        raise InputError(f"there is no {name}", advice=advice, file=file, line=number)
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return name, value


def _url_of(variables: Mapping[str, str]) -> str:
    if variables.get("COLONIES_URL"):
        return variables["COLONIES_URL"]
    secure = variables.get("COLONIES_SERVER_TLS", "").lower() in ("true", "1", "yes")
    host = variables.get("COLONIES_SERVER_HOST") or "localhost"
    port = variables.get("COLONIES_SERVER_PORT") or "50080"
    return f"{'https' if secure else 'http'}://{host}:{port}/api"


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise InputError(f"{text} is no folder", field="data", advice="make it, or mount it")
    return path.resolve()
