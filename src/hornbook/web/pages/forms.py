"""What a form without files sends."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request


async def fields(request: Request) -> dict[str, str]:
    """Read the fields of a form, lines ended as in our texts; of repeated ones the last counts."""
    body = await request.body()
    found = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    # No database keeps a NUL, and no keyboard types one.
    return {
        name: values[-1].replace("\r\n", "\n").replace("\x00", "") for name, values in found.items()
    }


Fields = Annotated[dict[str, str], Depends(fields)]


async def lists(request: Request) -> dict[str, list[str]]:
    """Read every value of each field, for boxes that share a name."""
    body = await request.body()
    return parse_qs(body.decode(errors="replace").replace("%00", ""))


Lists = Annotated[dict[str, list[str]], Depends(lists)]
