"""The sentences for what the machine refuses."""

import errno

FULL = (errno.ENOSPC, errno.EDQUOT)
DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


def explain(error: BaseException) -> str | None:
    """Return the sentence for a disk that is full, or a file that may not be used; None for any other error.

    A full disk is also found among the errors that led to this one: libraries hide it behind their own.
    """
    chain = [error]
    while earlier := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(earlier)
    if any(getattr(one, "errno", None) in FULL or "No space left on device" in str(one) for one in chain):
        return "The disk is full: make room and run the same command again; what is finished is kept."
    if isinstance(error, OSError) and error.errno in DENIED and error.filename:
        return (
            f"{error.filename} may not be used ({error.strerror}): correct its owner or permissions and run the same "
            "command again."
        )
    return None
