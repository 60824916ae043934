"""A network without anything in it, and no capabilities: `unshare` and `capset` of Linux."""

import ctypes
import os

_NEW_IPC, _NEW_USER, _NEW_NET = 0x08000000, 0x10000000, 0x40000000
_CAPABILITIES_3 = 0x20080522


def leave_network() -> None:
    """Move this process (which has one thread) to a network namespace of its own. Raises OSError where not allowed."""
    library = ctypes.CDLL(None, use_errno=True)
    for flags in (_NEW_USER | _NEW_NET | _NEW_IPC, _NEW_USER | _NEW_NET, _NEW_NET | _NEW_IPC, _NEW_NET):
        if library.unshare(ctypes.c_int(flags)) == 0:
            return
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def drop_capabilities() -> None:
    """Give up all capabilities, also those of root and those within a user namespace. Raises OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if library.capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
