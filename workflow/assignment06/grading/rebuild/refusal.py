"""Why a model is not loaded."""


class Refused(Exception):
    """The file asks for something that is not on the closed lists, or is made to harm; the text says what and where."""


class Unsupported(Exception):
    """The file is of a kind that this grader does not load; the text says which."""
