"""The fold: the state of one process, what it is made from, and how any moment of it is made again.

- `engine`: what evaluates messages; `options`, `genesis`, `defaults`: how a process was started, and what a message
  lacks
- `inputs` (`lua_sources`, `data_files`): what it reads from outside, each once
- `slots`: what a scheduler's nodes are to a compute unit: ticks of cron, and what is skipped
- `state`: the fold itself; `journal`, `checkpointing`, `fork`: its history, when it is saved, evaluations of which
  nothing stays
- `snapshot`, `disk`, `recovery`: a moment as bytes, the journal on disk, and the way back
- `generations`, `bundle`: which aos it is of, and how its code gets into a published module
- `tracing`: an evaluation that is watched
- `failures` (`evaluated`, `hints`): what is known of an evaluation that failed, the code it was in, what to do about it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import later
from .data_files import DataFiles, FileSource
from .defaults import FIRST_BLOCK_HEIGHT, FIRST_TIMESTAMP, Defaults, made_id
from .engine import Engine
from .generations import Spoken, code_id, has_boot, is_wasm, spoken
from .genesis import MADE_MODULE, WASM_INSTRUCTIONS, Genesis, UnreadableError, named_module
from .inputs import Inputs
from .journal import Checkpoint, Journal, Mark, Progress
from .lua_sources import LuaSource
from .options import GivenOptions, Options
from .reads import Read
from .state import State

if TYPE_CHECKING:
    from .bundling import Bundle as Bundle
    from .bundling import bundle as bundle
    from .bundling import bundled as bundled
    from .disk import Disk as Disk
    from .disk import written as written
    from .recovery import MORE as MORE
    from .recovery import digest_of as digest_of
    from .recovery import genesis_of as genesis_of
    from .recovery import kept_digest as kept_digest
    from .recovery import restored as restored
    from .recovery import snapshot_of as snapshot_of
    from .recovery import state_at as state_at
    from .recovery import state_of as state_of
    from .slots import Evaluation as Evaluation
    from .slots import Slots as Slots
    from .slots import skipped as skipped
    from .tracing import look as look
    from .tracing import placed as placed
    from .tracing import traced as traced

__all__ = [
    "FIRST_BLOCK_HEIGHT",
    "FIRST_TIMESTAMP",
    "MADE_MODULE",
    "MORE",
    "WASM_INSTRUCTIONS",
    "Checkpoint",
    "DataFiles",
    "Defaults",
    "Disk",
    "Engine",
    "Evaluation",
    "FileSource",
    "Genesis",
    "GivenOptions",
    "Inputs",
    "Journal",
    "LuaSource",
    "Mark",
    "Options",
    "Progress",
    "Read",
    "Slots",
    "Spoken",
    "State",
    "UnreadableError",
    "bundle",
    "bundled",
    "code_id",
    "digest_of",
    "genesis_of",
    "has_boot",
    "is_wasm",
    "kept_digest",
    "look",
    "made_id",
    "named_module",
    "placed",
    "restored",
    "skipped",
    "snapshot_of",
    "spoken",
    "state_at",
    "state_of",
    "traced",
    "written",
]

# SQLite is imported for those who keep a journal on disk.
__getattr__ = later(
    __name__,
    {
        "Disk": ".disk",
        "Evaluation": ".slots",
        "Slots": ".slots",
        "Bundle": ".bundling",
        "bundle": ".bundling",
        "bundled": ".bundling",
        "MORE": ".recovery",
        "digest_of": ".recovery",
        "genesis_of": ".recovery",
        "kept_digest": ".recovery",
        "restored": ".recovery",
        "skipped": ".slots",
        "snapshot_of": ".recovery",
        "state_at": ".recovery",
        "state_of": ".recovery",
        "look": ".tracing",
        "placed": ".tracing",
        "traced": ".tracing",
        "written": ".disk",
    },
)
