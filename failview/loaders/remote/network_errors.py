"""What goes wrong on the way to another machine, in one line each."""

from collections.abc import Iterator
from contextlib import contextmanager

from failview.errors import DatasetError

_REFUSED = frozenset({401, 403})
_NAMES_OF_REFUSAL = frozenset(
    {"PermissionError", "NoCredentialsError", "ClientAuthenticationError", "PartialCredentialsError"}
)
_WORDS_OF_SILENCE = ("connect", "timeout", "dns", "endpoint", "disconnected", "resolve", "unreachable", "ssl")


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, the last first."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def status_of(error: BaseException) -> int | None:
    """The status that an HTTP server answered with; None without one."""
    for item in causes(error):
        for name in ("status", "code"):
            found = item.__dict__.get(name)
            if isinstance(found, int):
                return found
    return None


def as_dataset_error(error: BaseException, shown: str) -> DatasetError:
    """One line for whatever a network library raised."""
    names = {type(item).__name__ for item in causes(error)}
    status = status_of(error)
    if status in _REFUSED or names & _NAMES_OF_REFUSAL:
        return DatasetError(
            "access is refused", where=shown, hint="Log in with the tools of that service, or make it public"
        )
    if is_silence(error):
        return DatasetError("the server cannot be reached", where=shown, hint="Check the address and the connection")
    if status == 404 or (status is None and "FileNotFoundError" in names):
        return DatasetError("there is nothing at this address", where=shown, hint="Check it")
    if status is not None:
        return DatasetError(f"the server answers with error {status}", where=shown, hint="Try again later")
    reason = " ".join(str(error).split())[:160] or type(error).__name__
    return DatasetError(f"reading over the network failed ({reason})", where=shown, hint="Try again, or download it")


def is_silence(error: BaseException) -> bool:
    """Whether nobody answered."""
    if status_of(error) is not None:
        return False
    return any(
        isinstance(item, ConnectionError | TimeoutError)
        or any(word in type(item).__name__.lower() for word in _WORDS_OF_SILENCE)
        for item in causes(error)
    )


@contextmanager
def network_told(shown: str) -> Iterator[None]:
    """Turns whatever a network library raises into one line.

    Raises:
        DatasetError: In place of the library's errors.
    """
    try:
        yield
    except DatasetError:
        raise
    except Exception as error:
        raise as_dataset_error(error, shown) from error
