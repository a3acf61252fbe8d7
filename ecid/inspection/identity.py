"""Identity data as the report carries it. Holding it says nothing about whether it is verified."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Portrait:
    """The face image as the chip holds it, undecoded; ``width`` and ``height`` in pixels."""

    media_type: str
    width: int | None
    height: int | None
    data: bytes = field(repr=False)

    def to_dict(self) -> dict[str, object]:
        """Return the portrait as it stands in the report, the image in base64."""
        return {
            "media_type": self.media_type,
            "width": self.width,
            "height": self.height,
            "base64": base64.b64encode(self.data).decode("ascii"),
        }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Identity:
    """Who the document says its holder is. Dates are ISO 8601; what is unknown is None.

    ``nationality`` is the text of the national data group where there is one, else the code.
    ``extra`` holds what has no place of its own. The ``repr`` shows no values.
    """

    document_type: str | None = None
    document_number: str | None = None
    issuing_state: str | None = None
    surname: str | None = None
    given_names: str | None = None
    nationality_code: str | None = None
    personal_number: str | None = None
    full_name: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    nationality: str | None = None
    ethnicity: str | None = None
    religion: str | None = None
    place_of_origin: str | None = None
    place_of_residence: str | None = None
    identifying_features: str | None = None
    issue_date: str | None = None
    expiry_date: str | None = None
    no_expiry: bool = False
    father_name: str | None = None
    mother_name: str | None = None
    spouse_name: str | None = None
    old_id_number: str | None = None
    chip_identifier: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    portrait: Portrait | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<personal data>)"

    def to_dict(self) -> dict[str, object]:
        """Return every key of the report's ``identity`` object, in its order."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        found["extra"] = dict(self.extra)
        found["portrait"] = None if self.portrait is None else self.portrait.to_dict()
        return found
