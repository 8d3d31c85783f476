"""What readings are like, as far as it decides how to learn from them: period, kinds of channels, noise, drift."""

from __future__ import annotations

from tocsin.training.profile.channel import ChannelProfile
from tocsin.training.profile.profile import Profile, profile

__all__ = ["ChannelProfile", "Profile", "profile"]
