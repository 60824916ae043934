"""seccomp: system calls that a reader of files never needs end with an error (x86-64 and 64-bit ARM).

A filter of its own, in the kernel's classic BPF, because the bindings to libseccomp need a system library or are no
longer kept; see seccomp(2). No new processes or programs, no sockets, no signals to others, no tracing, mounting or
changing of files' owners, modes and times; calls newer than this list answer that they do not exist.
"""

import ctypes
import errno
import os
import platform
import struct
from typing import Any

_CLONE_THREAD = 0x10000
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ, JGE, JSET, RET
_NEWEST = 462  # system calls have had the same numbers everywhere since 424
_NEW = [*range(424, 434), 434, 438, 440, 442, 452]  # pidfd_*, io_uring_*, mounting, process_madvise, fchmodat2
_X86_64: dict[str, Any] = {
    "audit": 0xC000003E,
    "self": 317,
    "clone": 56,
    "signals": (62, 234),
    "limits": 302,
    "denied": [
        *(41, 42, 43, 44, 45, 46, 47, 49, 50, 53, 288, 299, 307),  # sockets
        *(57, 58, 59, 322),  # fork, vfork, execve, execveat
        *(129, 200, 297),  # signals by other ways
        *(101, 135, 310, 311, 312),  # ptrace, personality, process_vm_*, kcmp
        *(86, 88, 133, 259, 265, 266),  # links and devices
        *(90, 91, 92, 93, 94, 132, 235, 260, 261, 268, 280, 188, 189, 190, 197, 198, 199),  # owners, modes, times
        *(155, 161, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 175, 176, 179, 103),  # administration
        *(29, 30, 31, 64, 68, 240, 319),  # shared memory, queues, memfd_create
        *(246, 248, 249, 250, 272, 298, 300, 304, 308, 313, 320, 321, 323),  # keys, namespaces, bpf, ...
        *_NEW,
    ],
}
_ARM64: dict[str, Any] = {
    "audit": 0xC00000B7,
    "self": 277,
    "clone": 220,
    "signals": (129, 131),
    "limits": 261,
    "denied": [
        *(198, 199, 200, 201, 202, 203, 206, 207, 211, 212, 242, 243, 269),
        *(221, 281),
        *(130, 138, 240),
        *(92, 117, 270, 271, 272),
        *(33, 36, 37),
        *(5, 6, 7, 14, 15, 16, 52, 53, 54, 55, 88),
        *(39, 40, 41, 51, 60, 89, 105, 106, 112, 116, 142, 161, 162, 170, 224, 225),
        *(180, 186, 190, 194, 195, 196, 279),
        *(97, 104, 217, 218, 219, 241, 262, 265, 268, 273, 280, 282, 294),
        *_NEW,
    ],
}
_CALLS = {"x86_64": _X86_64, "aarch64": _ARM64}


def program(calls: dict, own_pid: int) -> bytes:
    """The filter as BPF instructions (`struct sock_filter`, 8 bytes each)."""
    refuse, unknown = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
    steps = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUAL, 1, 0, calls["audit"]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the number
        (_AT_LEAST, 0, 1, _NEWEST + 1),  # the 32-bit interface of x86-64 is among these
        (_RETURN, 0, 0, unknown),
        (_EQUAL, 0, 1, 435),  # clone3: its flags cannot be seen, and C libraries fall back on clone
        (_RETURN, 0, 0, unknown),
    ]
    for number in calls["denied"]:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, refuse)]
    steps += [(_EQUAL, 0, 4, calls["clone"]), (_LOAD, 0, 0, 16), (_SET, 0, 1, _CLONE_THREAD)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, refuse)]
    for number in calls["signals"]:  # to itself only: abort() needs that
        steps += [(_EQUAL, 0, 4, number), (_LOAD, 0, 0, 16), (_EQUAL, 0, 1, own_pid)]
        steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, refuse)]
    steps += [(_EQUAL, 0, 5, calls["limits"]), (_LOAD, 0, 0, 16), (_EQUAL, 1, 0, 0), (_EQUAL, 0, 1, own_pid)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, refuse)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def restrict() -> None:
    """Put the filter on this process and all its threads, for good. Raises OSError where that cannot be done.

    The caller must have set no_new_privs.
    """
    calls = _CALLS.get(platform.machine())
    if calls is None:
        raise OSError(f"no list of system calls for {platform.machine()}")
    instructions = program(calls, os.getpid())
    buffer = ctypes.create_string_buffer(instructions, len(instructions))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    filters = Program(len(instructions) // 8, ctypes.cast(buffer, ctypes.c_void_p).value)
    library = ctypes.CDLL(None, use_errno=True)
    every_thread = 1
    if library.syscall(ctypes.c_long(calls["self"]), 1, every_thread, ctypes.byref(filters)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
