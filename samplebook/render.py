"""Prints the primer and spoils some of its pages: `python -m samplebook.render [FOLDER]`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image

from samplebook import spoil
from samplebook.primer import printed

SAMPLE: Final = Path(__file__).parent.parent / "src" / "hornbook" / "sample"


def _photo(seed: int, lean: float, dark_side: float) -> Callable[[Image.Image], bytes]:
    def take(page: Image.Image) -> bytes:
        return spoil.jpeg(spoil.photographed(page, seed=seed, lean=lean, dark_side=dark_side), 60)

    return take


def _upside_down(page: Image.Image) -> bytes:
    return spoil.png(page.transpose(Image.Transpose.ROTATE_180))


def _hurried(page: Image.Image) -> bytes:
    return spoil.jpeg(spoil.hurried(page, seed=12), 40)


def _blank(page: Image.Image) -> bytes:
    return spoil.jpeg(spoil.scanned_blank(page, seed=13), 50)


SPOILT: Final[dict[int, Callable[[Image.Image], bytes]]] = {
    2: spoil.jpeg,
    4: _photo(4, 0.015, 0.7),
    6: _upside_down,
    8: _photo(8, -0.02, -0.8),
    11: _photo(11, 0.025, 0.4),
    12: _hurried,
    13: _blank,
    14: spoil.jpeg,
    16: _photo(16, -0.012, 0.9),
}
"""What happens to which page; all others are clean PNG."""


def files() -> dict[str, bytes]:
    """File name and bytes of every page, in the order of the book."""
    made = {}
    for number, page in enumerate(printed(), start=1):
        raw = SPOILT.get(number, spoil.png)(page)
        extension = "png" if raw.startswith(b"\x89PNG") else "jpg"
        made[f"page{number}.{extension}"] = raw
    return made


def main(folder: Path) -> None:
    """Replaces the pages in the folder."""
    for old in folder.glob("page*"):
        old.unlink()
    for name, raw in files().items():
        (folder / name).write_bytes(raw)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
