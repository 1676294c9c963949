"""A photographed page made flat, even and straight for reading; a clean scan is left alone."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PIL import Image, ImageFilter

from hornbook.model.page import Box

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Points = np.ndarray[tuple[int, int], np.dtype[np.float64]]

Mask = np.ndarray[tuple[int, int], np.dtype[np.bool_]]
Pixels = np.ndarray[tuple[int, int], np.dtype[np.uint8]]

_SMALL_SIDE: Final = 360
_CLEAR_EDGE: Final = 0.7
_NARROW: Final = 1_600


@dataclass(frozen=True, slots=True)
class FlatPage:
    """The grey picture an engine reads, and the way back from its pixels to the page image."""

    image: Image.Image
    matrix: Matrix
    """Takes a point of `image` to a point of the page image (homogeneous coordinates)."""
    page_size: tuple[int, int]
    is_photo: bool

    def back(self, box: Box) -> Box:
        """The smallest upright box of the page image that holds `box`."""
        corners = np.array(
            [
                (box.left, box.top),
                (box.right, box.top),
                (box.right, box.bottom),
                (box.left, box.bottom),
            ],
            dtype=np.float64,
        )
        moved = _applied(self.matrix, corners)
        width, height = self.page_size
        left, top = np.floor(moved.min(axis=0))
        right, bottom = np.ceil(moved.max(axis=0))
        return Box(
            left=int(np.clip(left, 0, width)),
            top=int(np.clip(top, 0, height)),
            right=int(np.clip(right, 0, width)),
            bottom=int(np.clip(bottom, 0, height)),
        )


def flatten(page: Image.Image) -> FlatPage:
    """The page as an engine reads it best: rectified, evenly lit, straight, large enough."""
    grey = page.convert("L")
    corners = find_page(grey)
    matrix, size = _rectification(corners) if corners is not None else (np.eye(3), grey.size)
    if corners is not None:
        grey = _warped(page.convert("L"), matrix, size)
    grey, is_uneven = even_light(grey)
    angle = skew(grey)
    is_photo = corners is not None or is_uneven
    scale = 1.5 if not is_photo and min(grey.size) < _NARROW else 1.0
    if angle or scale != 1.0:
        finish, size = _turned_and_scaled(grey.size, angle, scale)
        grey = _warped(grey, finish, size) if angle else grey.resize(size, Image.Resampling.BICUBIC)
        matrix = matrix @ finish
    return FlatPage(grey, matrix, page.size, is_photo)


def sheet(page: Image.Image) -> Image.Image:
    """The sheet alone, seen from straight above, where it lies on something darker; else the page.

    That is all that somebody needs who can bear shadows and leaning lines.
    """
    corners = find_page(page.convert("L"))
    return page if corners is None else _warped(page, *_rectification(corners))


def find_page(grey: Image.Image) -> Points | None:
    """The corners of a sheet lying on something darker, clockwise from the upper left.

    None when the picture is all page, as a scan is, or when the outline is not convincing.
    """
    small = grey.copy()
    small.thumbnail((_SMALL_SIDE, _SMALL_SIDE), Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.uint8)
    blank = _without_text(values)
    # Shade can make one end of the sheet as dark as the table is at the other end: one threshold
    # does not fit all photos, so each is tried and the one with the clearest edges is taken.
    best, clearest = None, _CLEAR_EDGE
    darkest, brightest = np.percentile(blank, (3, 80))
    for threshold in np.linspace(darkest, brightest, 14):
        corners = _outline(_grown(blank > threshold))
        if corners is not None and (clear := _clarity(corners, blank)) > clearest:
            best, clearest = corners, clear
    if best is None:
        return None
    scale = np.array([grey.width / small.width, grey.height / small.height])
    return np.asarray((best + 0.5) * scale)


def even_light(grey: Image.Image) -> tuple[Image.Image, bool]:
    """Divides the picture by the brightness of its paper, if that varies; tells whether it did."""
    small = grey.copy()
    small.thumbnail((160, 160), Image.Resampling.BOX)
    paper = small.filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.MedianFilter(7))
    paper = paper.filter(ImageFilter.BoxBlur(4))
    shade = np.asarray(paper, dtype=np.float32)
    dark, bright = np.percentile(shade, (8, 92))
    if dark > 0.88 * bright and bright > 200:
        return grey, False
    light = np.asarray(paper.resize(grey.size, Image.Resampling.BICUBIC), dtype=np.float32)
    evened = np.asarray(grey, dtype=np.float32) * (245.0 / np.maximum(light, 25.0))
    return Image.fromarray(np.clip(evened, 0, 255).astype(np.uint8)), True


def skew(grey: Image.Image) -> float:
    """By how many degrees clockwise the lines of text lean; 0 when they hardly do."""
    small = grey.copy()
    small.thumbnail((900, 900), Image.Resampling.BOX)
    ink = np.asarray(small) < 0.7 * np.percentile(np.asarray(small), 90)
    rows, columns = np.nonzero(ink)
    if not 200 < rows.size < 0.4 * ink.size:
        return 0.0
    coarse = _sharpest(rows, columns, np.arange(-8.0, 8.01, 0.5))
    angle = _sharpest(rows, columns, np.arange(coarse - 0.5, coarse + 0.51, 0.1))
    straight, leaning = (_sharpness(rows, columns, a) for a in (0.0, angle))
    return float(angle) if abs(angle) >= 0.25 and leaning > 1.1 * straight else 0.0


def _sharpest(rows: Any, columns: Any, angles: Any) -> float:
    return float(max(angles, key=lambda angle: _sharpness(rows, columns, angle)))


def _sharpness(rows: Any, columns: Any, angle: float) -> float:
    """How clearly the ink falls into lines when it is read along this angle."""
    radians = np.deg2rad(angle)
    heights = rows * np.cos(radians) - columns * np.sin(radians)
    profile = np.bincount((heights - heights.min()).astype(np.int64))
    return float(np.square(np.diff(profile)).sum())


def _turned_and_scaled(
    size: tuple[int, int], angle: float, scale: float
) -> tuple[Matrix, tuple[int, int]]:
    """From the straightened, scaled picture to the one before, turned about the centre."""
    width, height = size
    result = (round(width * scale), round(height * scale))
    radians = np.deg2rad(angle)
    cos, sin = np.cos(radians) / scale, np.sin(radians) / scale
    middle = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]], dtype=np.float64)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], dtype=np.float64)
    centre = np.array([[1, 0, -result[0] / 2], [0, 1, -result[1] / 2], [0, 0, 1]])
    return middle @ turn @ centre, result


def _warped(image: Image.Image, matrix: Matrix, size: tuple[int, int]) -> Image.Image:
    flat = (matrix / matrix[2, 2]).ravel()[:8]
    return image.transform(
        size,
        Image.Transform.PERSPECTIVE,
        [float(value) for value in flat],
        Image.Resampling.BICUBIC,
        fillcolor="white",
    )


def _applied(matrix: Matrix, points: Points) -> Points:
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:])


def _rectification(corners: Points) -> tuple[Matrix, tuple[int, int]]:
    """From a rectangle as large as the sheet to the sheet's corners."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = round(max(sides[0], sides[2])), round(max(sides[1], sides[3]))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    rows, right = [], []
    for (x, y), (u, v) in zip(target, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solution = np.linalg.solve(np.array(rows), np.array(right))
    return np.append(solution, 1.0).reshape(3, 3), (width, height)


def _without_text(values: Pixels) -> Pixels:
    """The paper and the table alone: anything thin and dark is gone."""
    closed = 255 - _widened(255 - _widened(values, 4), 4)
    return np.asarray(Image.fromarray(closed).filter(ImageFilter.BoxBlur(1)))


def _widened(values: Pixels, reach: int) -> Pixels:
    """Each pixel takes the brightest value up to `reach` pixels away in both directions."""
    padded = np.pad(values, reach, mode="edge")
    rows = np.max([padded[i : i + values.shape[0]] for i in range(2 * reach + 1)], axis=0)
    wide = np.max([rows[:, i : i + values.shape[1]] for i in range(2 * reach + 1)], axis=0)
    return np.asarray(wide, dtype=np.uint8)


def _grown(bright: Mask) -> Mask:
    """The connected part of `bright` that the middle of the picture belongs to."""
    height, width = bright.shape
    middle = (slice(height * 2 // 5, height * 3 // 5), slice(width * 2 // 5, width * 3 // 5))
    area = np.zeros_like(bright)
    area[middle] = bright[middle]
    size = -1
    while size != (size := int(area.sum())):
        area = _whole_runs(bright, area)
        area = _whole_runs(bright.T, area.T).T
    return area


def _whole_runs(bright: Mask, area: Mask) -> Mask:
    """Every unbroken run of bright pixels along a row that `area` touches."""
    edges = np.diff(bright, axis=1, prepend=False)
    edges[:, 0] = True  # no run goes on in the next row
    runs = np.cumsum(edges).reshape(bright.shape)
    is_touched = np.zeros(int(runs[-1, -1]) + 1, dtype=bool)
    is_touched[runs[area]] = True
    return np.asarray(is_touched[runs] & bright)


@dataclass(frozen=True, slots=True)
class _Edge:
    """A side of the sheet: `slope` and `offset` of the coordinate across, along the other one."""

    slope: float
    offset: float
    is_level: bool
    is_cut: bool
    """Whether the sheet goes on beyond the picture here."""

    @property
    def line(self) -> Matrix:
        """The side in homogeneous coordinates."""
        parts = (self.slope, -1.0) if self.is_level else (-1.0, self.slope)
        return np.array([*parts, self.offset])


def _outline(sheet: Mask) -> Points | None:
    """Where the four sides of the area meet, when at least three of them are in the picture."""
    if sheet.mean() < 0.2:
        return None
    rows, columns = np.nonzero(sheet)
    ends = [np.argmin(columns + rows), np.argmax(columns - rows)]
    ends += [np.argmax(columns + rows), np.argmin(columns - rows)]
    upper_left, upper_right, lower_right, lower_left = ((columns[i], rows[i]) for i in ends)
    top = _edge(sheet, upper_left[0], upper_right[0])
    bottom = _edge(sheet[::-1], lower_left[0], lower_right[0], flipped=True)
    left = _edge(sheet.T, upper_left[1], lower_left[1], is_level=False)
    right = _edge(sheet.T[::-1], upper_right[1], lower_right[1], is_level=False, flipped=True)
    if top is None or bottom is None or left is None or right is None:
        return None
    if sum(edge.is_cut for edge in (top, right, bottom, left)) > 1:
        return None
    top, bottom = _parallel(top, bottom, sheet.shape[1])
    left, right = _parallel(left, right, sheet.shape[0])
    met = [
        np.cross(a.line, b.line)
        for a, b in ((top, left), (top, right), (bottom, right), (bottom, left))
    ]
    return np.array([(point[0] / point[2], point[1] / point[2]) for point in met])


def _edge(
    sheet: Mask, start: int, end: int, *, is_level: bool = True, flipped: bool = False
) -> _Edge | None:
    """The first row of `sheet` in each column between the corners, fitted by a straight line."""
    inset = (end - start) // 12
    along = np.arange(start + inset, end - inset)
    if along.size < 30:
        return None
    across = np.argmax(sheet[:, along], axis=0).astype(np.float64)
    is_cut = bool((across <= 1).mean() > 0.5)
    slope, offset = _fitted(along, across)
    if flipped:
        slope, offset = -slope, sheet.shape[0] - 1 - offset
    return _Edge(slope, offset, is_level, is_cut)


def _fitted(along: Any, across: Any) -> tuple[float, float]:
    """A line through the points that leaves out those far from it."""
    kept = np.ones(along.size, dtype=bool)
    slope, offset = 0.0, 0.0
    for _ in range(4):
        slope, offset = np.polyfit(along[kept], across[kept], 1)
        distance = np.abs(across - (slope * along + offset))
        kept = distance <= max(1.0, 1.5 * float(np.median(distance)))
    return float(slope), float(offset)


def _parallel(one: _Edge, other: _Edge, length: int) -> tuple[_Edge, _Edge]:
    """Gives a side that the picture cuts off the direction of the one facing it."""
    if one.is_cut:
        return _beyond(one, other, length, min), other
    if other.is_cut:
        return one, _beyond(other, one, length, max)
    return one, other


def _beyond(cut: _Edge, facing: _Edge, length: int, outermost: Any) -> _Edge:
    """Parallel to `facing`, and so far out that nothing of the picture is lost."""
    border = cut.offset
    offset = outermost(border, border - facing.slope * length)
    return _Edge(facing.slope, offset, cut.is_level, is_cut=True)


def _clarity(corners: Points, blank: Pixels) -> float:
    """How sharply the paper stands out from the table along the worst side; 0 for no sheet."""
    if not _is_sheet(corners, blank.shape):
        return 0.0
    return min(
        _contrast(corners[i], corners[(i + 1) % 4], blank.astype(np.float64)) for i in range(4)
    )


def _is_sheet(corners: Points, shape: tuple[int, int]) -> bool:
    """Whether the four corners could be a sheet before a hand-held camera."""
    sides = np.roll(corners, -1, axis=0) - corners
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    lengths = np.linalg.norm(sides, axis=1)
    if (turns <= 0).any() or lengths.min() < 0.4 * min(shape):
        return False
    if not (0.6 < lengths[0] / lengths[2] < 1.67 and 0.6 < lengths[1] / lengths[3] < 1.67):
        return False
    # A coloured frame printed round a page is square to the picture; a sheet on a table hardly is.
    is_square = np.abs(sides[[0, 2], 1]).max() < 1.5 and np.abs(sides[[1, 3], 0]).max() < 1.5
    return not is_square


def _contrast(start: Points, end: Points, blank: Any) -> float:
    """The share of a side where it is darker outside than inside; 1 where the picture ends."""
    points = start + np.linspace(0.06, 0.94, 60)[:, None] * (end - start)
    along = (end - start) / np.linalg.norm(end - start)
    inward = np.array([-along[1], along[0]])
    inner = np.rint(points + 4 * inward).astype(np.int64)
    outer = np.rint(points - 4 * inward).astype(np.int64)
    limit = np.array(blank.shape)[::-1]
    seen = ((inner >= 0) & (inner < limit) & (outer >= 0) & (outer < limit)).all(axis=1)
    if seen.mean() < 0.5:
        return 1.0
    inside, outside = (blank[p[seen, 1], p[seen, 0]] for p in (inner, outer))
    return float((outside < 0.85 * inside).mean())
