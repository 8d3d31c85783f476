"""How a channel is called on pages and pictures: its name, and its unit unless the name says it already."""

from __future__ import annotations

from tocsin.core.schema import Channel


def unit_beside(channel: Channel) -> str:
    """Return the unit to stand beside the name; "" where there is none or the name holds it.

    >>> unit_beside(Channel("temp", "°C")), unit_beside(Channel("temp (°C)", "°C")), unit_beside(Channel("temp"))
    ('°C', '', '')
    """
    held = f"({channel.unit})" in channel.name or f"[{channel.unit}]" in channel.name
    return "" if held else channel.unit


def short(name: str, most: int) -> str:
    """Return ``name`` in at most ``most`` characters, its middle cut out where it is longer.

    >>> short("temperature", 20), short("a_very_long_channel_name", 11)
    ('temperature', 'a_ver…_name')
    """
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return f"{name[: most - 1 - tail]}…{name[len(name) - tail :]}"
