"""`ao-run completion`: what makes a shell complete commands and options."""

from __future__ import annotations

import click

__all__ = ["completion"]


@click.command("completion", short_help="Print what makes a shell complete commands and options.")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print what makes SHELL (bash, zsh or fish) complete the commands and options of ao-run.

    \b
    eval "$(ao-run completion bash)"                                  in ~/.bashrc
    eval "$(ao-run completion zsh)"                                   in ~/.zshrc
    ao-run completion fish > ~/.config/fish/completions/ao-run.fish
    """
    from click.shell_completion import get_completion_class

    from .main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "ao-run", "_AO_RUN_COMPLETE").source())
    return 0
