"""Completion for three shells."""

from typing import cast

import click
from click.shell_completion import get_completion_class

INSTALL = {
    "bash": 'eval "$(callboard completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(callboard completion zsh)"    # in ~/.zshrc, after compinit',
    "fish": "callboard completion fish > ~/.config/fish/completions/callboard.fish",
}


@click.command()
@click.argument("shell", type=click.Choice(list(INSTALL)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  eval "$(callboard completion bash)"
    zsh:   eval "$(callboard completion zsh)"
    fish:  callboard completion fish > ~/.config/fish/completions/callboard.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    root = cast("click.Group", context.find_root().command)
    click.echo(kind(root, {}, "callboard", "_CALLBOARD_COMPLETE").source())
