"""What the system can do: memory and CPU time of another process, limits on it, and its end.

All of it is there on Linux. Elsewhere a child can be started and killed, and nobody knows how much memory it takes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

__all__ = [
    "can_limit",
    "cpu_seconds",
    "kill",
    "limit_data",
    "missing",
    "resident",
    "start",
    "words_of",
    "yield_to_others",
]

__tracebackhide__ = True

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_ROOT = str(Path(__file__).resolve().parent.parent.parent)
_CODE = "import sys; sys.path[:] = sys.argv[1:]; from ao_runtime.isolation.server import main; main()"
#: What a child is told of our environment: where things lie, and what words look like. Secrets are often there, too.
_KEPT = frozenset(
    (
        *("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "TZ", "LANG", "LANGUAGE", "SYSTEMROOT", "LOCALAPPDATA"),
        *("USERPROFILE", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME"),
    )
)
_KEPT_BEGINNINGS = ("LC_", "AO_RUN")


def can_limit() -> bool:
    """Whether memory and CPU time of a child can be limited here."""
    return sys.platform == "linux" and os.path.exists("/proc/self/statm")


def missing() -> str | None:
    """Why a hard limit cannot be had here; None where it can."""
    return None if can_limit() else f"{sys.platform} does not let one program limit another's memory"


def start() -> subprocess.Popen[bytes]:
    """A new child, which waits for requests on its standard input and answers on its standard output.

    Raises `OSError` where no program can be started.
    """
    paths = [_ROOT, *(path for path in sys.path if path)]
    environment = {
        name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)
    }
    shown = None if os.environ.get("AO_RUN_DEBUG") else subprocess.DEVNULL
    windows = 0
    if sys.platform == "win32":
        windows = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    # In a session of its own: Ctrl-C is for us, and with it all that it has started can be killed.
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _CODE, *paths],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=shown,
        env=environment,
        start_new_session=True,
        creationflags=windows,
    )


def kill(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and what it has started, now."""
    with suppress(OSError):
        if hasattr(os, "killpg") and child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()


def yield_to_others(pid: int) -> None:
    """From now on a process runs when no other one wants to, as far as the system can do that."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, pid, 19)


def resident(pid: int) -> int | None:
    """Bytes of memory that a process has in use; None where that is not known."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            return int(file.read(200).split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return None


def cpu_seconds(pid: int) -> float | None:
    """Seconds of CPU time that a process has used; None where that is not known."""
    if sys.platform != "linux":
        return None
    try:
        # A process's clock by its number, as clock_getcpuclockid(3) makes it.
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None


def limit_data(pid: int, size: int | None) -> None:
    """Let a process have so many bytes of data (RLIMIT_DATA) and no more; None is no limit."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):
            hard = resource.prlimit(pid, resource.RLIMIT_DATA)[1]
            soft = resource.RLIM_INFINITY if size is None else size
            if hard != resource.RLIM_INFINITY and (soft == resource.RLIM_INFINITY or soft > hard):
                soft = hard
            resource.prlimit(pid, resource.RLIMIT_DATA, (soft, hard))


def words_of(code: int | None) -> str:
    """How a program has ended, from the code that it left."""
    if code is None:
        return "it does not answer"
    if code < 0:
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
