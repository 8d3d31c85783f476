"""Names as they stand on the wire: ``modelId`` there, ``model_id`` here."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Wire(BaseModel):
    """What is sent or received; what is not known is passed over, as it was there."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)
