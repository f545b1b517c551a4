"""The folder that executors and submitters share, and what a job may name in it: nothing outside.

A reference is a path in the folder, relative or absolute, or an https URL of a host that was allowed, with the SHA-256
of what is there: as text, or as `{"ref": …, "sha256": …}`. What is written there is named by its SHA-256, so that two
attempts of one job write the same file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import InputError, StateError
from ..models import read_regular, shown

__all__ = ["Data", "Reference", "read_reference"]

#: Bytes of a file that is read or fetched for a job.
LARGEST = 1 << 30
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: Where what is fetched is kept.
_FETCHED = "fetched"


class Reference:
    """What a job names: where it is, and the SHA-256 that it has, if that is said."""

    __slots__ = ("field", "ref", "sha256")

    def __init__(self, ref: str, sha256: str | None, field: str) -> None:
        self.ref = ref
        self.sha256 = sha256
        self.field = field

    @property
    def is_url(self) -> bool:
        """Whether it is fetched."""
        return "://" in self.ref


def read_reference(value: Any, field: str) -> Reference:
    """The reference that a value is. Raises `InputError` for what is none."""
    found, digest = value, None
    if isinstance(value, Mapping):
        unknown = sorted(set(value) - {"ref", "sha256", "count"}, key=str)
        if unknown:
            raise InputError(f"a reference has no {shown(unknown[0])}", field=field)
        found, digest = value.get("ref"), value.get("sha256")
    if not isinstance(found, str) or not found or "\0" in found:
        raise InputError(f"must be a path in the shared folder, found {shown(value)}", field=field)
    if digest is not None and (not isinstance(digest, str) or not _DIGEST.fullmatch(digest)):
        raise InputError("must be a SHA-256, 64 hexadecimal characters", field=f"{field}.sha256")
    return Reference(found, digest, field)


class Data:
    """The folder `root`; `hosts` are those that files may be fetched from."""

    def __init__(self, root: Path | None, hosts: Iterable[str] = ()) -> None:
        self.root = None if root is None else root.resolve()
        self.hosts = frozenset(host.lower() for host in hosts)

    def path(self, reference: Reference) -> Path:
        """Where a file is, or will be. Raises `InputError` for a path that leads out of the folder."""
        if self.root is None:
            raise InputError(
                "names a file, and no shared folder is known here", field=reference.field, advice="give --data DIR"
            )
        try:
            path = Path(os.path.realpath(self.root / reference.ref))
            # A name that no file can have is an error here, and none is waited for later.
            path.exists()
        except (OSError, ValueError):
            raise InputError(f"{shown(reference.ref)} is no name of a file", field=reference.field) from None
        if not path.is_relative_to(self.root) or path == self.root:
            raise InputError(
                f"{shown(reference.ref)} is outside of the shared folder",
                field=reference.field,
                advice="name files in the folder of --data, relative to it",
            )
        return path

    def file(self, reference: Reference) -> Path:
        """Where a file is; one of another host is fetched. Its SHA-256 is looked at, if one is said.

        Raises `InputError` where it is not there, or is another file.
        """
        if reference.is_url:
            return self._fetched(reference)
        path = self.path(reference)
        if not path.exists():
            raise InputError(f"there is no {shown(reference.ref)} here", field=reference.field)
        if reference.sha256 is not None and path.is_file() and _digest_of(path) != reference.sha256:
            raise InputError(f"{shown(reference.ref)} has another SHA-256 here", field=reference.field)
        return path

    def read(self, reference: Reference) -> bytes:
        """What a file holds. Raises `InputError` as `file` does."""
        path = self.file(reference)
        try:
            content = read_regular(path, LARGEST)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"{shown(reference.ref)} cannot be read: {reason}", field=reference.field) from None
        if reference.sha256 is not None and sha256(content).hexdigest() != reference.sha256:
            raise InputError(f"{shown(reference.ref)} has another SHA-256 here", field=reference.field)
        return content

    def keep(self, content: bytes, folder: str, end: str) -> dict[str, str]:
        """Write `content` into `folder`, named by its SHA-256: the reference to it.

        Raises `InputError` where there is no shared folder, `StateError` where it cannot be written.
        """
        digest = sha256(content).hexdigest()
        ref = f"{folder}/{digest}{end}"
        path = self.path(Reference(ref, None, "data"))
        try:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                # All of it at once: somebody else may be writing the same.
                new = path.with_name(f"{path.name}-{os.getpid()}")
                with open(new, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(path)
        except OSError as error:
            raise StateError(f"cannot be written: {error.strerror or error}", file=str(path)) from None
        return {"ref": ref, "sha256": digest}

    def _fetched(self, reference: Reference) -> Path:
        digest = reference.sha256
        if digest is None:
            raise InputError("is fetched, so its SHA-256 must be said", field=f"{reference.field}.sha256")
        known = self.path(Reference(f"{_FETCHED}/{digest}", None, reference.field))
        if known.exists() and _digest_of(known) == digest:
            return known
        content = _fetch(reference, self.hosts)
        if sha256(content).hexdigest() != digest:
            raise InputError(f"{shown(reference.ref)} has another SHA-256", field=reference.field)
        return self.path(Reference(self.keep(content, _FETCHED, "")["ref"], None, reference.field))


def _digest_of(path: Path) -> str:
    try:
        return sha256(read_regular(path, LARGEST)).hexdigest()
    except (OSError, ValueError):
        return ""


def _fetch(reference: Reference, hosts: frozenset[str]) -> bytes:
    """What an allowed host has; nobody is followed elsewhere."""
    import httpx

    try:
        url = httpx.URL(reference.ref)
    except (httpx.InvalidURL, ValueError):
        raise InputError(f"{shown(reference.ref)} is no URL", field=reference.field) from None
    place = url.host if url.port is None else f"{url.host}:{url.port}"
    if url.scheme != "https" or place.lower() not in hosts:
        raise InputError(
            f"nothing is fetched from {shown(f'{url.scheme}://{place}')}",
            field=reference.field,
            advice="an executor that is started with --fetch-from HOST fetches https from there",
        )
    body = bytearray()
    try:
        with httpx.stream("GET", url, timeout=60, follow_redirects=False) as response:
            if response.status_code != 200:
                raise InputError(f"{place} answers {response.status_code}", field=reference.field)
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise InputError(f"is larger than {LARGEST >> 20} MiB", field=reference.field)
    except (httpx.HTTPError, OSError) as error:
        raise StateError(f"cannot be fetched from {place}: {error}") from None
    return bytes(body)
