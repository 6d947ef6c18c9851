"""Web servers on loopback: one that sends parts of files, one that sends whole files only, one that lists nothing."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class WholeFiles(SimpleHTTPRequestHandler):
    """Python's own server: no parts, pages for folders."""

    sent: dict[str, int]

    def __init__(self, *args: Any, sent: dict[str, int], **more: Any) -> None:
        self.sent = sent
        super().__init__(*args, **more)

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        content = source.read()
        self.sent[self.path] = self.sent.get(self.path, 0) + len(content)
        outputfile.write(content)


class Parts(WholeFiles):
    """Sends the bytes that are asked for."""

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        path = Path(self.translate_path(self.path))
        if wanted is None or not path.is_file():
            super().do_GET()
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        content = path.read_bytes()
        start, stop = int(first), min(int(last or len(content)) + 1, len(content))
        part = content[start:stop]
        self.sent[self.path] = self.sent.get(self.path, 0) + len(part)
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(part)


class NoPages(Parts):
    """Lists no folder, as object stores behind a web address do."""

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)


class Closed(WholeFiles):
    """Lets nobody in."""

    def do_GET(self) -> None:
        self.send_error(HTTPStatus.FORBIDDEN)

    def do_HEAD(self) -> None:
        self.do_GET()


class Broken(WholeFiles):
    """Has a fault."""

    def do_GET(self) -> None:
        self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)

    def do_HEAD(self) -> None:
        self.do_GET()


@contextmanager
def serving(folder: Path, kind: type[WholeFiles] = Parts) -> Iterator[tuple[str, dict[str, int]]]:
    """(address of a folder, bytes sent by path)."""
    sent: dict[str, int] = {}
    handler = functools.partial(kind, directory=str(folder), sent=sent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", sent
        finally:
            server.shutdown()
            thread.join()
