#!/usr/bin/env python3
"""The form callback's example server, in today's Python: prints what it got.

Like the original it never responds, so a client reports an empty reply and the delivery is retried.
With --respond it does: those are the lines to add to a server like it.
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

PORT = 9000


class ServerHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        content_len = int(self.headers.get("content-length", 0))
        post_body = self.rfile.read(content_len)
        print(post_body.decode(), flush=True)
        if "--respond" in sys.argv:
            self.send_response(204)
            self.end_headers()

    do_PUT = do_DELETE = do_POST  # noqa: N815  (names that http.server looks for)

    def log_message(self, *_: Any) -> None:
        """Print the body and nothing else."""


if __name__ == "__main__":
    httpd = HTTPServer(("", PORT), ServerHandler)
    print("serving at port", PORT, flush=True)
    httpd.serve_forever()
