"""An uploaded file becomes an upright, bounded page image; a hostile file is refused in words."""

import warnings
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from hornbook.errors import UnreadableImage
from hornbook.model.page import PreparedImage

try:  # the extra `heic`
    import pillow_heif
except ImportError:
    HEIC: tuple[str, ...] = ()
else:
    pillow_heif.register_heif_opener(thumbnails=False)
    HEIC = ("HEIF",)

# Of two pictures in a JPEG ("MPO") the first is the page; Pillow opens it as any JPEG.
FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", *HEIC)
MOST_PIXELS: Final = 80_000_000
LONGEST_SIDE: Final = 20_000
MOST_FRAMES: Final = 2_000

PAGE_SIDE: Final = 3_000
SCREEN_SIDE: Final = 1_600
THUMBNAIL_SIDE: Final = 240

_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def upright(
    raw: bytes, *, frame: int = 0, rotation: int = 0, longest_side: int = PAGE_SIDE
) -> Image.Image:
    """The page as a human would hold it: grey or RGB, nothing transparent, bounded in size.

    `frame` counts the images of a TIFF from 0; `rotation` is what a human asked for, in degrees
    clockwise, on top of what the camera noted. Raises UnreadableImage whatever is wrong with the
    bytes.
    """
    try:
        # Decoders warn about damage they survive; the picture, not the warning, decides.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            page = _decoded(raw, frame, longest_side)
    except UnreadableImage:
        raise
    except MemoryError as error:
        raise UnreadableImage(_TOO_BIG_FOR_MEMORY) from error
    except Exception as error:  # decoders raise anything: SyntaxError, TypeError, struct.error
        raise UnreadableImage(_DAMAGED) from error
    return turned(page, rotation)


def turned(image: Image.Image, degrees: int) -> Image.Image:
    """The image turned clockwise by a multiple of 90 degrees."""
    if degrees % 90:
        message = f"pages turn by quarters, not by {degrees} degrees"
        raise ValueError(message)
    quarter = degrees % 360
    return image.transpose(_TURNS[quarter]) if quarter else image


def prepared(image: Image.Image, *, is_blank: bool) -> PreparedImage:
    """The files kept of an upright page; the same picture always gives the same bytes."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)  # leaves profiles, resolutions and comments of the upload behind
    screen = _within(bare, SCREEN_SIDE)
    return PreparedImage(
        png=_saved(bare, "PNG", compress_level=4),
        compact=_saved(screen, "WEBP", quality=78, method=2),
        thumbnail=_saved(_within(screen, THUMBNAIL_SIDE), "WEBP", quality=70, method=2),
        width=bare.width,
        height=bare.height,
        is_blank=is_blank,
    )


def shown_to_models(image: Image.Image) -> bytes:
    """A JPEG of the page, large enough for its smallest print and small enough to be sent."""
    return _saved(_within(image, SCREEN_SIDE), "JPEG", quality=80)


def is_blank(image: Image.Image) -> bool:
    """Whether there is almost no ink: no more than a page number or a few specks.

    Judged against the shade of the paper round each spot, so that yellow paper, shadows, noise,
    print shining through and dark scanner borders do not count as ink.
    """
    grey = _within(image.convert("L"), 700).filter(ImageFilter.BoxBlur(1))
    paper = grey.reduce(4).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    page = np.asarray(grey, dtype=np.float32)
    shade = np.asarray(paper.resize(grey.size, Image.Resampling.BILINEAR), dtype=np.float32)
    rows, columns = _inside_borders(page)
    page, shade = page[rows, columns], shade[rows, columns]
    if not page.size or np.percentile(page, 90) < 70:  # a covered lens is no blank page
        return False
    ink = page < shade * 0.86
    return bool(ink.mean() < 0.0004)


_DAMAGED: Final = "The image is damaged or incomplete. Save or scan it again, then replace it."
_TOO_BIG_FOR_MEMORY: Final = "The image takes too much memory. Scan it smaller, then replace it."
_NO_IMAGE: Final = "The file is no JPEG, PNG, TIFF or WebP image. Replace it with one of these."


def _opened(raw: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(raw), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnreadableImage(_NO_IMAGE) from error
    except Image.DecompressionBombError as error:
        raise UnreadableImage(_too_large("so many")) from error


def _decoded(raw: bytes, frame: int, longest_side: int) -> Image.Image:
    image = _opened(raw)
    _check_size(image)
    if frame:
        _seek(image, frame)
    elif image.format in {"JPEG", "MPO"}:
        # Lets the JPEG decoder halve a large photo while it decodes.
        image.draft(None, (longest_side, longest_side))
    image.load()
    return _within(_flat(ImageOps.exif_transpose(image), longest_side), longest_side)


def _check_size(image: Image.Image) -> None:
    """Refuses by the header, before a single pixel is decoded."""
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise UnreadableImage(_too_large(f"{width:,} by {height:,}"))
    if not width or not height:
        raise UnreadableImage(_DAMAGED)


def _too_large(size: str) -> str:
    return (
        f"The image has {size} pixels; at most {MOST_PIXELS // 1_000_000} million and"
        f" {LONGEST_SIDE:,} a side can be read. Scan it at a lower resolution, then replace it."
    )


def _seek(image: Image.Image, frame: int) -> None:
    if image.format != "TIFF" or frame > MOST_FRAMES:
        message = f"The file has no page {frame + 1}. Replace it."
        raise UnreadableImage(message)
    try:
        image.seek(frame)
    except EOFError as error:
        message = f"The file has no page {frame + 1}. Replace it."
        raise UnreadableImage(message) from error
    _check_size(image)  # every frame brings a size of its own


def _flat(image: Image.Image, longest_side: int) -> Image.Image:
    """Eight bits of grey or RGB on white, whatever the file used."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return _eight_bits(image)
    if image.has_transparency_data:
        # Bounded first: the composition needs several copies.
        return _on_white(_within(image.convert("RGBA"), longest_side))
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Stretches deep grey so that its whitest spot is white; plain conversion would cut it off."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0, neginf=0.0)
    low, high = min(float(values.min()), 0.0), float(values.max())
    span = max(high - low, 1e-6)
    return Image.fromarray(((values - low) * np.float32(255.0 / span)).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _within(image: Image.Image, longest_side: int) -> Image.Image:
    """The image itself when it is small enough, else a smaller one."""
    if max(image.size) <= longest_side:
        return image
    smaller = image.copy()
    smaller.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    return smaller


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _inside_borders(page: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> tuple[slice, slice]:
    """The page without the dark strips a scanner leaves at its edges, and without a thin rim."""
    dark = page < np.percentile(page, 75) * 0.6
    return _lit(dark.mean(axis=1)), _lit(dark.mean(axis=0))


def _lit(darkness: np.ndarray[tuple[int], np.dtype[np.float64]]) -> slice:
    bright = np.flatnonzero(darkness < 0.4)
    if not bright.size:
        return slice(0, 0)
    rim = max(2, len(darkness) // 33)
    first, last = int(bright[0]), int(bright[-1]) + 1
    return slice(first + (rim if first else rim // 2), last - rim)
