"""`make watch`: the live page at an address of this machine alone."""

import argparse
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from assignment06.tracking.page import now, whole_page

HOST = "127.0.0.1"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'"
)


class Page(BaseHTTPRequestHandler):
    """Two addresses: the page, and its part that changes. Nothing is read from a request but the address."""

    def do_GET(self) -> None:
        """Answer."""
        # A page of another site may make a browser ask here under a name of its own; it gets nothing
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in (HOST, "localhost"):
            self.send_error(403)
            return
        made = {"/": whole_page, "/now": now}.get(urlsplit(self.path).path)
        if made is None:
            self.send_error(404)
            return
        body = made().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests."""


def main(arguments: list[str]) -> int:
    """Serve the page until Ctrl-C; return an exit status."""
    parser = argparse.ArgumentParser(prog="python -m assignment06 watch", description="The live page of a run here.")
    parser.add_argument("--port", type=int, default=8650, help="of 127.0.0.1; 0 for any that is free")
    port = parser.parse_args(arguments).port
    try:
        server = ThreadingHTTPServer((HOST, port), Page)
    except (OSError, OverflowError) as error:
        said = getattr(error, "strerror", None) or "no such port"
        print(f"error: port {port} cannot be used ({said}): choose another, make watch PORT=8651", file=sys.stderr)
        return 1
    print(
        f"http://{HOST}:{server.server_address[1]}/ shows the run of this folder. Ctrl-C ends the page, not the run.",
        flush=True,
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
