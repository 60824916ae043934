"""The result of verifying this workflow's own zip. Imports nothing that takes time."""

from typing import ClassVar

from ..shared.documents import Document


class VerifiedCheck(Document):
    """One check, of one task or experiment."""

    id: str
    task: str
    required: bool
    status: str
    sentence: str


class Verification(Document):
    """What came of verifying a packed zip (verification.json)."""

    ascii: ClassVar[bool] = False
    zip: str
    sound: bool
    for_submission: bool
    seconds: float
    wrong: list[str]
    """Why it is not sound: the checks and what they found."""
    checks: list[VerifiedCheck]
