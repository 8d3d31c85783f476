"""``tocsin sign``: who answers for an artifact, so that nothing else is ever let in where it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.core.errors import SettingError


def sign(
    artifact: Annotated[
        Path | None, typer.Argument(metavar="ARTIFACT", help="A trained *.tocsin file.", show_default=False)
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The private key, such as plant.key.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes. (default: the same file)")
    ] = None,
    new_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Make a key here, its public half beside it: plant.pub.")
    ] = None,
) -> None:
    r"""Sign an artifact, so that watches that trust your key take it, and take nothing else.

    For example: tocsin sign --new-key plant.key, once; then: tocsin sign env.tocsin --key plant.key

    The private half stays with whoever may say what runs; the public half goes to every watch: \[trust] keys =
    ["plant.pub"] or --trusted-key plant.pub. Whoever changes a byte of a signed file breaks the signature.
    """
    from tocsin.artifact import bundle, signature
    from tocsin.artifact.signing_key import SigningKey
    from tocsin.cli._places import check_seal

    if (artifact is None) == (new_key is None):
        raise SettingError(
            "Either an artifact is signed, or a key is made.",
            remedy="tocsin sign --new-key plant.key, or: tocsin sign env.tocsin --key plant.key",
        )
    if new_key is not None:
        made = SigningKey.make(new_key)
        typer.echo(f"Key {made.name}: {new_key} signs, keep it to yourself; {new_key.with_suffix('.pub')} is for all.")
        return
    assert artifact is not None
    if key is None:
        raise SettingError("Who signs?", remedy="Name the private key: --key plant.key")
    signing, target = SigningKey.read(key), output or artifact
    bundle.load(artifact)
    if output is not None:
        check_seal(output, inputs=[key])
    signature.sign(artifact, signing, target)
    typer.echo(f"Signed by {signing.name} → {target}")
