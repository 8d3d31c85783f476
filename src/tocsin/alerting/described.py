"""The policy in words, for inspection and reports."""

from __future__ import annotations

from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.intent import Intent
from tocsin.alerting.policy import Policy
from tocsin.alerting.span import Span
from tocsin.core.schema import Schema


def described(policy: Policy, schema: Schema) -> dict[str, str]:
    """Return when it rings, as text by name; what was not asked for is left out.

    >>> from tocsin.core.schema import Channel
    >>> own = Policy(1, cooldown=12, intents=(Intent(channel=0, direction="high", least=2.0, high=80.0),))
    >>> for name, text in described(own, Schema((Channel("temperature", "°C"),))).items():
    ...     print(f"{name}: {text}")
    raise after: 3 windows in a row
    release: 3 windows at or below 0.9 × limit
    cooldown: 12 windows
    grades: major from 1.5 × limit, critical from 3 × limit
    of temperature: only high, at least 2 °C off, at most 80 °C
    """
    release = Span(policy.release_after, policy.release_after_ns)
    cooldown, merge, together = Span(policy.cooldown, policy.cooldown_ns), policy.merge_within_ns, policy.together_ns
    return {
        "raise after": f"{Span(policy.raise_after, policy.raise_after_ns)} in a row",
        "release": f"{release} at or below {policy.release_below:g} × limit",
        **({"cooldown": str(cooldown)} if cooldown != Span(0) else {}),
        **({"merged": f"within {Span(0, merge)} of each other"} if merge else {}),
        **({"groups": f"incidents of any devices within {Span(0, together)}"} if together else {}),
        "grades": f"major from {policy.grades[0]:g} × limit, critical from {policy.grades[1]:g} × limit",
        **({"quiet": "; ".join(policy.quiet)} if policy.quiet else {}),
        **({"maintenance": "; ".join(policy.maintenance)} if policy.maintenance else {}),
        **{f"of {schema.names[own.channel]}": _intent(own, schema) for own in policy.intents if _intent(own, schema)},
        **{f"of {rule.pattern}": _rule(rule, schema) for rule in policy.devices},
    }


def _intent(own: Intent, schema: Schema) -> str:
    if own.mute:
        return "nothing"
    unit = f" {schema.channels[own.channel].unit}".rstrip()
    low, high = (None if end is None else f"{end:g}{unit}" for end in (own.low, own.high))
    parts = [
        f"only {own.direction}" if own.direction in ("high", "low") else "",
        f"at least {own.least:g}{unit} off" if own.least else "",
        f"between {low} and {high}"
        if low and high
        else f"at least {low}"
        if low
        else f"at most {high}"
        if high
        else "",
        f"after {Span(own.raise_after, own.raise_after_ns)} in a row" if own.raise_after else "",
    ]
    return ", ".join(part for part in parts if part)


def _rule(rule: DeviceRule, schema: Schema) -> str:
    if rule.mute:
        return "nothing"
    spans = (
        ("raise after", rule.raise_after, rule.raise_after_ns),
        ("release after", rule.release_after, rule.release_after_ns),
        ("cooldown", rule.cooldown, rule.cooldown_ns),
    )
    parts = [f"{name} {Span(windows, ns or 0)}" for name, windows, ns in spans if windows is not None]
    parts += [f"release below {rule.release_below:g} × limit"] if rule.release_below is not None else []
    parts += [f"limit × {rule.limit_factor:g}"] if rule.limit_factor != 1 else []
    parts += [f"of {schema.names[own.channel]}: {_intent(own, schema) or 'all'}" for own in rule.intents]
    return "; ".join(parts) or "as all others"
