"""Which axis of a foreign input is which: readings, channels, or both one after the other."""

from __future__ import annotations

from typing import NamedTuple

from tocsin.training.adopt.foreign import Foreign
from tocsin.training.adopt.refusal import RefusalError


class Arrangement(NamedTuple):
    """How windows go in."""

    layout: str
    """"nwc", "ncw" or "flat"."""
    window: int
    """Readings that go in."""

    def shape(self, channels: int) -> tuple[int, ...]:
        """Return the shape of one window as it goes in.

        >>> Arrangement("ncw", 10).shape(3), Arrangement("flat", 10).shape(3)
        ((3, 10), (30,))
        """
        if self.layout == "flat":
            return (self.window * channels,)
        return (self.window, channels) if self.layout == "nwc" else (channels, self.window)


def arrangement(shape: tuple[int | None, ...], foreign: Foreign, *, channels: int) -> Arrangement:
    """Return how windows of so many channels go into an input.

    Parameters
    ----------
    shape
        Of the input without the windows' axis; None where a length is free.
    foreign
        What its owner says.
    channels
        How many there are.

    Raises
    ------
    RefusalError
        If the shape does not fit, or leaves open what nobody has said.

    Examples
    --------
    >>> arrangement((None, 3), Foreign(window=12), channels=3)
    Arrangement(layout='nwc', window=12)
    >>> arrangement((3, 10), Foreign(), channels=3).layout
    'ncw'
    """
    layout = _layout(shape, foreign.layout, channels)
    if len(shape) != (1 if layout == "flat" else 2):
        raise RefusalError(f"Its input is {_told(shape)}, which is not {layout}.", remedy="Correct --layout.")
    if layout == "flat":
        window = _flat_window(shape[0], foreign.window, channels)
    else:
        window, own = shape if layout == "nwc" else shape[::-1]
        if own not in (None, channels):
            raise _misfit(shape, channels)
    found = foreign.window or window
    if found is None:
        raise RefusalError("Its input leaves the length of a window open.", remedy="Say it with --window.")
    if window not in (None, found):
        raise RefusalError(f"It takes windows of {window} readings, not {found}.", remedy="Leave --window out.")
    return Arrangement(layout, found)


def _layout(shape: tuple[int | None, ...], asked: str, channels: int) -> str:
    if asked != "auto":
        return asked
    if len(shape) == 1:
        return "flat"
    fits = [name for name, own in (("nwc", shape[1]), ("ncw", shape[0])) if own == channels]
    if len(fits) == 1:
        return fits[0]
    if not fits and None not in shape:
        raise _misfit(shape, channels)
    if fits == [] and shape[1] is None and shape[0] is not None:
        return "nwc"
    raise RefusalError(
        f"Its input is {_told(shape)}, and {channels} channels may lie on either axis.",
        remedy="Say which with --layout nwc or --layout ncw.",
    )


def _flat_window(length: int | None, asked: int | None, channels: int) -> int | None:
    if length is None:
        return asked
    if length % channels:
        raise _misfit((length,), channels)
    return length // channels


def _misfit(shape: tuple[int | None, ...], channels: int) -> RefusalError:
    asked = "1 channel is" if channels == 1 else f"{channels} channels are"
    return RefusalError(
        f"Its input is {_told(shape)}, and {asked} to go in.",
        remedy="Name the channels that it was trained on, in their order, with --channels or --schema.",
    )


def _told(shape: tuple[int | None, ...]) -> str:
    return " × ".join("any" if length is None else str(length) for length in shape)
