"""Errors of the file system in words that tell a person what to do."""

import errno
import os

_DENIED = ("permission denied", "Change the permissions of the file and its folder")

_WORDS = {
    errno.ENOSPC: ("the disk is full", "Free some space; the last saved state is intact"),
    errno.EDQUOT: ("the disk quota is used up", "Free some space; the last saved state is intact"),
    errno.EFBIG: ("the file would exceed the allowed size", "The last saved state is intact"),
    errno.EROFS: ("the file system is read-only", "Make it writable"),
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EMFILE: ("too many files are open", "Close other programs"),
    errno.ENFILE: ("too many files are open", "Close other programs"),
    errno.EIO: ("the disk reports an input/output error", "Check the disk and the cable"),
}


def in_words(error: OSError) -> tuple[str, str]:
    """What is wrong, and what to do."""
    number = error.errno or 0
    return _WORDS.get(number, ((error.strerror or os.strerror(number)).lower(), ""))
