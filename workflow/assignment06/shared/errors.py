"""The one exception whose text is meant for the user."""


class AssignmentError(Exception):
    """Something the user can mend. Its text is one sentence: what is wrong, where, and what to do."""
