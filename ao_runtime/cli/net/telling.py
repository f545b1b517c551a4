"""What the commands print of messages: trees for people, objects for programs; and the exit code that comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import show
from ..seeing import show_tree
from ..text import document, echo

if TYPE_CHECKING:
    from ...network import Evaluation, Network, Tree

__all__ = ["code_of", "described", "tell", "tree_of"]


def tree_of(network: Network, evaluation: Evaluation) -> Tree:
    """An evaluation and all that it set off."""
    from ...network import Tree

    return Tree(evaluation, network.label)


def code_of(tree: Tree) -> int:
    """The exit code: that of the worst evaluation in a tree."""
    return max((show.exit_code(one.result) for one in tree.evaluations() if one.result is not None), default=0)


def described(tree: Tree) -> dict[str, Any]:
    """A message, its result and what it set off, as one object."""
    one = tree.root
    told = tree.to_dict()
    failure = None if one.result is None else one.result.failure
    return {
        "id": told["message"],
        "process": told["process"],
        "name": told["name"],
        "nonce": told["nonce"],
        "result": None if one.result is None else one.result.to_dict(gas=True),
        "failure": None if failure is None else failure.to_dict(),
        "tree": told,
    }


def tell(tree: Tree, *, as_json: bool, network: Network | None = None, verbosity: int = 0) -> int:
    """Print what came of a message, with a level of `-v` in its network; the exit code."""
    if as_json:
        document(described(tree))
    elif network is not None:
        show_tree(network, tree, verbosity)
    else:
        echo(str(tree))
    return code_of(tree)
