"""JSON files with a type: what one function writes and others read."""

import json
import os
from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_serializer, model_validator
from pydantic.fields import PrivateAttr

from assignment06.shared.errors import AssignmentError
from assignment06.shared.files import atomic_path


class Document(BaseModel):
    """The base of all artefacts that are JSON: frozen, and refused where a key is unknown, missing or of another type.

    Keys are written in the order in which they were given, and those that were not given are not written, so that a
    key which only some have (`skipped` of a data set) can have a default. Numbers stay as they were given: 0 is not
    written as 0.0.

    Example:
        >>> Receipt(name="mnist", data_source="sample", files={}).write("source.json")
        >>> Receipt.read("source.json").data_source
        'sample'
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_by_name=True, validate_by_alias=True
    )
    ascii: ClassVar[bool] = True  # whether other letters are written as \uXXXX
    _order: tuple[str, ...] = PrivateAttr(())

    @classmethod
    def read(cls, path: str | os.PathLike) -> Self:
        """Return the document in a file. Raises AssignmentError where it is missing, damaged, or another one."""
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise AssignmentError(f"{path} cannot be read ({error.strerror}): run the workflow again.") from None
        return cls.parse(data, path)

    @classmethod
    def parse(cls, data: bytes, place: object) -> Self:
        """Return the document in `data`, which was found at `place`. Raises AssignmentError as `read` does."""
        try:
            return cls.model_validate(json.loads(data))
        except ValidationError as error:
            first = error.errors()[0]
            what = f"{': '.join(map(str, first['loc'])) or 'the file'}: {first['msg'].lower()}"
        except ValueError as error:
            what = str(error)
        raise AssignmentError(f"{place} is damaged or of another version ({what}): delete it and run again.")

    def write(self, path: str | os.PathLike) -> None:
        """Write the document as JSON; the file is whole or not there."""
        with atomic_path(path) as part:
            part.write_text(self.text(), encoding="utf-8")

    def text(self) -> str:
        """Return the document as indented JSON that ends with a line break."""
        return json.dumps(self.plain(), indent=2, ensure_ascii=self.ascii) + "\n"

    def plain(self) -> dict:
        """Return the document as dictionaries, lists, texts and numbers."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    @model_validator(mode="wrap")
    @classmethod
    def _remember_order(cls, values: object, handler):
        document = handler(values)
        if isinstance(values, dict) and not document._order:
            document._order = tuple(cls._alias(key) for key in values)
        return document

    @classmethod
    def _alias(cls, key: str) -> str:
        field = cls.model_fields.get(key)
        return field.alias or key if field else key

    @model_serializer(mode="wrap")
    def _in_order(self, handler):
        values = handler(self)
        return {key: values[key] for key in dict.fromkeys((*self._order, *values)) if key in values}
