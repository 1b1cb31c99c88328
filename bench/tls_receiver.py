"""A TLS receiver in its own process that responds immediately."""

import asyncio
import multiprocessing
import re
import ssl
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from bench.receiver import RESPONSE
from tests.support.certificates import Authority

_LENGTH = re.compile(rb"(?i)content-length: (\d+)")


class TlsReceiver:
    """A context manager. authority: path of the CA certificate to trust."""

    def __init__(self, directory: Path) -> None:
        authority = Authority(directory)
        self.authority = authority.file
        self._context = authority.context("127.0.0.1")

    def __enter__(self) -> Self:
        pipe, child_pipe = multiprocessing.Pipe()
        self._process = multiprocessing.Process(
            target=_run, args=(self._context, child_pipe), daemon=True
        )
        self._process.start()
        self.port: int = pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def url(self, name: object) -> str:
        return f"https://127.0.0.1:{self.port}/{name}"


def _run(context: ssl.SSLContext, pipe: Connection) -> None:
    asyncio.run(_serve(context, pipe))


async def _serve(context: ssl.SSLContext, pipe: Connection) -> None:
    server = await asyncio.start_server(_respond, "127.0.0.1", 0, ssl=context, backlog=1024)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(RESPONSE)
    except (asyncio.IncompleteReadError, OSError):
        writer.close()
