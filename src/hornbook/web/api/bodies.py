"""Uploads as they arrive: each file whole in memory once, few at a time, none for long."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)
from starlette.exceptions import HTTPException
from starlette.requests import Request

from hornbook.errors import Invalid, TooLarge
from hornbook.web.problems import SENTENCES
from hornbook.web.rim import SETS_OWN_LIMIT

BODIES_AT_ONCE = 16
SECONDS_BETWEEN_CHUNKS = 30.0
SECONDS_BEFORE_JUDGING = 60.0
SLOWEST = 2_000
"""Bytes a second, on the average, below which an upload only keeps others from their places."""
ROOM_FOR_FORM = 65_536
"""What a multipart body of one file may have beside the file."""
FIELDS_BESIDE_FILES = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a multipart body; `body` is `None` when it was larger than allowed."""

    name: str
    size: int
    body: bytes | None


@dataclass(slots=True)
class Growing:
    """A file whose end has not come yet."""

    name: str
    largest: int
    size: int = 0
    chunks: list[bytes] = field(default_factory=list)

    def add(self, chunk: bytes | bytearray) -> None:
        """Keep a chunk; of a file that is too large only the size."""
        self.size += len(chunk)
        if self.size <= self.largest:
            self.chunks.append(bytes(chunk))
        else:
            self.chunks.clear()

    def finished(self) -> Part:
        """Give the file with all that came."""
        is_whole = self.size <= self.largest
        return Part(self.name, self.size, b"".join(self.chunks) if is_whole else None)


class Bodies:
    """Reads upload bodies within their limits.

    A place is taken when the first bytes of a file arrive, not before, and given back when the
    file was stored: a client that says nothing holds none.
    """

    def __init__(self, largest: int, most: int) -> None:
        self.largest = largest
        self.most = most
        self._places = asyncio.Semaphore(BODIES_AT_ONCE)
        # Each is whole in memory for a while: of the really large ones there may be one.
        self._large_place = asyncio.Semaphore(1)

    @asynccontextmanager
    async def whole(self, request: Request, largest: int) -> AsyncIterator[bytes]:
        """Give a raw body; raises TooLarge, by its announced length before it is read."""
        self._refuse_length(request, largest, largest)
        async with aclosing(_chunks(request)) as chunks:
            growing = Growing("The file", largest)
            growing.add(await anext(chunks, b""))
            async with self._places if largest <= self.largest else self._large_place:
                async for chunk in chunks:
                    growing.add(chunk)
                    if growing.size > largest:
                        raise TooLarge(_too_large(largest))
                yield growing.finished().body or b""

    async def only(self, request: Request, name: str) -> Part:
        """Give the first file of a form's field; raises Invalid when there is none, TooLarge."""
        found: Part | None = None
        async with aclosing(self.parts(request, name, most=1)) as parts:
            async for part in parts:
                found = found or part
        if found is None:
            raise Invalid(f"The form has no file in its field '{name}'.")
        if found.body is None:
            raise TooLarge(_too_large(self.largest))
        return found

    async def parts(
        self, request: Request, name: str, most: int | None = None
    ) -> AsyncGenerator[Part]:
        """Give the files of a form's field as each is complete; close it to give up its place.

        Raises Invalid for a malformed or unfinished form, TooLarge for too many files.
        """
        most = most or self.most
        self._refuse_length(request, most * (self.largest + ROOM_FOR_FORM), self.largest)
        growing: Growing | None = None
        is_held = False
        try:
            async with aclosing(self._events(request, most)) as events:
                async for event in events:
                    if isinstance(event, MultipartSegment):
                        growing = self._opened(event, name)
                    elif growing is not None and event is not None:
                        if not is_held:
                            await self._places.acquire()
                            is_held = True
                        growing.add(event)
                    elif growing is not None:
                        if growing.name or growing.size:  # a browser sends an empty choice too
                            yield growing.finished()
                        growing = None
                        if is_held:
                            self._places.release()
                            is_held = False
        finally:
            if is_held:
                self._places.release()

    def _opened(self, segment: MultipartSegment, name: str) -> Growing | None:
        is_file = segment.name == name and segment.filename is not None
        return Growing(segment.filename or "", self.largest) if is_file else None

    async def _events(
        self, request: Request, most: int
    ) -> AsyncGenerator[MultipartSegment | bytes | bytearray | None]:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        if kind != "multipart/form-data" or not options.get("boundary"):
            raise Invalid("The files are expected as multipart/form-data.")
        parser = PushMultipartParser(
            options["boundary"],
            content_length=most * (self.largest + ROOM_FOR_FORM),
            max_segment_count=most + FIELDS_BESIDE_FILES,
        )
        try:
            with parser:
                async with aclosing(_chunks(request)) as chunks:
                    async for chunk in chunks:
                        for event in parser.parse(chunk):
                            yield event
        except ParserLimitReached as error:
            raise TooLarge(f"A request may have at most {most} files.") from error
        except MultipartError as error:
            raise Invalid("The multipart form is malformed, or it ended too early.") from error

    def _refuse_length(self, request: Request, most: int, largest: int) -> None:
        request.scope[SETS_OWN_LIMIT] = True
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > most:
            raise TooLarge(_too_large(largest))


def _too_large(largest: int) -> str:
    return f"The file is too large: the limit is {largest / 1_048_576:g} MB a file."


async def _chunks(request: Request) -> AsyncGenerator[bytes]:
    """Give what arrives; raises HTTPException 408 when it stalls, ClientDisconnect when it ends."""
    clock = asyncio.get_running_loop().time
    waited, received = 0.0, 0
    async with aclosing(request.stream()) as stream:
        while True:
            since = clock()
            try:
                async with asyncio.timeout(SECONDS_BETWEEN_CHUNKS):
                    chunk = await anext(stream, None)
            except TimeoutError as error:
                raise HTTPException(408, SENTENCES[408]) from error
            if chunk is None:
                return
            waited, received = waited + clock() - since, received + len(chunk)
            if waited > SECONDS_BEFORE_JUDGING and received < waited * SLOWEST:
                raise HTTPException(408, SENTENCES[408])
            if chunk:
                yield chunk
