"""The pictures of the primer, each drawn where the text has arrived."""

from collections.abc import Mapping, Sequence
from math import cos, radians, sin

from samplebook.sheet import INK, Sheet

GOLD, SILVER, RED, BROWN = "#f0c95b", "#d5d9e0", "#d9574b", "#b98a5a"


def blocks(sheet: Sheet, hundreds: int, tens: int, ones: int, *, cell: float = 11) -> None:
    """Base-ten blocks: flats of a hundred, rods of ten, and single cubes."""
    widths = [hundreds * (10 * cell + 18), tens * (cell + 12), (min(ones, 5)) * (cell + 9)]
    x = (sheet.left + sheet.right - sum(widths) - 60) / 2
    for _ in range(hundreds):
        _grid(sheet, x, sheet.y, 10, 10, cell)
        x += 10 * cell + 18
    x += 30 if hundreds else 0
    for _ in range(tens):
        _grid(sheet, x, sheet.y, 1, 10, cell)
        x += cell + 12
    x += 30 if tens else 0
    for one in range(ones):
        _grid(
            sheet,
            x + one % 5 * (cell + 9),
            sheet.y + 10 * cell - cell - one // 5 * (cell + 9),
            1,
            1,
            cell,
        )
    sheet.y += 10 * cell + 24


def blocks_named(sheet: Sheet) -> None:
    """One cube, one rod and one flat with their names."""
    cell, top, middle = 13, sheet.y, sheet.y + 130
    for x, columns, rows, name in (
        (sheet.left + 150, 1, 1, "1 one"), (sheet.left + 460, 1, 10, "1 ten"),
        (sheet.left + 760, 10, 10, "1 hundred"),
    ):  # fmt: skip
        _grid(sheet, x - columns * cell / 2, middle - rows * cell, columns, rows, cell)
        sheet.write(x, middle + 12, name, size=27, align=0.5)
    sheet.y = top + 196


def _grid(sheet: Sheet, x: float, y: float, columns: int, rows: int, cell: float) -> None:
    right, bottom = x + columns * cell, y + rows * cell
    sheet.rectangle((x, y), (right, bottom), fill=sheet.tint)
    for column in range(columns + 1):
        sheet.line([(x + column * cell, y), (x + column * cell, bottom)], sheet.colour, 1.5)
    for row in range(rows + 1):
        sheet.line([(x, y + row * cell), (right, y + row * cell)], sheet.colour, 1.5)


def table(
    sheet: Sheet,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: float,
    size: float = 28,
) -> None:
    """A ruled table in the middle of the column."""
    x, step, height = (sheet.left + sheet.right - width) / 2, width / len(head), size * 1.75
    sheet.rectangle((x, sheet.y), (x + width, sheet.y + height), fill=sheet.tint)
    for row, cells in enumerate([head, *rows]):
        for column, cell in enumerate(cells):
            words = f"**{cell}**" if not row else cell
            sheet.write(
                x + (column + 0.5) * step,
                sheet.y + row * height + size * 0.28,
                words,
                size=size,
                align=0.5,
            )
    bottom = sheet.y + height * (len(rows) + 1)
    for row in range(len(rows) + 2):
        sheet.line(
            [(x, sheet.y + row * height), (x + width, sheet.y + row * height)], sheet.colour, 2
        )
    for column in range(len(head) + 1):
        sheet.line([(x + column * step, sheet.y), (x + column * step, bottom)], sheet.colour, 2)
    sheet.y = bottom + 26


def number_line(
    sheet: Sheet, start: int, end: int, step: int, *, marked: Sequence[int] = (),
    jumps: Sequence[tuple[int, int, str]] = (), names: Mapping[int, str] | None = None,
) -> None:  # fmt: skip
    """A line with a tick each step; `marked` numbers get a dot, `jumps` a bow with its name."""
    left, right = sheet.left + 40, sheet.right - 40
    top = sheet.y + (80 if jumps else 44 if marked else 12)

    def at(value: float) -> float:
        return left + (value - start) / (end - start) * (right - left)

    sheet.line([(left - 24, top), (right + 24, top)], INK, 3)
    sheet.polygon([(right + 36, top), (right + 20, top - 8), (right + 20, top + 8)], INK)
    for value in range(start, end + 1, step):
        sheet.line([(at(value), top - 9), (at(value), top + 9)], INK, 2.5)
        sheet.write(at(value), top + 16, (names or {}).get(value, str(value)), size=25, align=0.5)
    for value in marked:
        sheet.circle((at(value), top), 9, fill=RED)
        sheet.write(at(value), top - 52, f"**{value}**", size=26, colour=RED, align=0.5)
    for begin, finish, name in jumps:
        low, high = sorted((at(begin), at(finish)))
        sheet.arc((low, top - 42), (high, top + 42), RED)
        sheet.write((low + high) / 2, top - 82, name, size=24, colour=RED, align=0.5)
    sheet.y = top + 74


def plates(sheet: Sheet, count: int, apples: int) -> None:
    """Plates with apples, side by side."""
    step = (sheet.right - sheet.left) / count
    for plate in range(count):
        x, y = sheet.left + (plate + 0.5) * step, sheet.y + 62
        sheet.circle((x, y), 62, fill="#ffffff", edge="#8a93a3")
        sheet.circle((x, y), 46, edge="#c9ced8")
        for apple in range(apples):
            angle = radians(360 / apples * apple - 90)
            spot = (x + 25 * cos(angle), y + 25 * sin(angle)) if apples > 1 else (x, y)
            sheet.circle(spot, 15, fill=RED)
            sheet.line([(spot[0], spot[1] - 13), (spot[0] + 4, spot[1] - 23)], "#4b7a3a", 4)
    sheet.y += 150


def array(sheet: Sheet, x: float, rows: int, columns: int, *, gap: float = 40) -> float:
    """Dots in equal rows, centred on `x`; gives the height and leaves `y` alone."""
    left = x - (columns - 1) * gap / 2
    for row in range(rows):
        for column in range(columns):
            sheet.circle((left + column * gap, sheet.y + 16 + row * gap), 13, fill=sheet.colour)
    return rows * gap + 8


def shared(sheet: Sheet, names: Sequence[str], cookies: int) -> None:
    """The same number of cookies under each name."""
    step = (sheet.right - sheet.left) / len(names)
    for at, name in enumerate(names):
        x = sheet.left + (at + 0.5) * step
        sheet.circle((x, sheet.y + 66), 66, fill=sheet.tint, edge=sheet.colour)
        for cookie in range(cookies):
            spot = (x - 24 + cookie % 2 * 48, sheet.y + 42 + cookie // 2 * 48)
            sheet.circle(spot, 19, fill=BROWN)
            for dx, dy in ((-6, -4), (6, -6), (1, 7)):
                sheet.circle((spot[0] + dx, spot[1] + dy), 3, fill="#5d4026")
        sheet.write(x, sheet.y + 138, name, size=26, align=0.5)
    sheet.y += 196


def coins(sheet: Sheet, values: Sequence[int]) -> None:
    """Round coins with their value in cents."""
    step = 104
    x = (sheet.left + sheet.right - step * (len(values) - 1)) / 2
    for at, value in enumerate(values):
        centre, radius = (x + at * step, sheet.y + 46), 44 if value >= 10 else 35
        sheet.circle(centre, radius, fill=GOLD if value >= 10 else SILVER, edge="#8a7a45", width=3)
        sheet.circle(centre, radius - 8, edge="#8a7a45", width=1)
        sheet.write(centre[0], centre[1] - 22, f"**{value}**", size=32, align=0.5)
    sheet.y += 112


def clock(sheet: Sheet, x: float, hour: int, minute: int, *, radius: float = 110) -> None:
    """A clock face centred on `x`, its top at `y`; leaves `y` alone."""
    centre = (x, sheet.y + radius)
    sheet.circle(centre, radius, fill="#ffffff", edge=sheet.colour, width=6)

    def spot(minutes: float, reach: float) -> tuple[float, float]:
        angle = radians(6 * minutes - 90)
        return centre[0] + reach * radius * cos(angle), centre[1] + reach * radius * sin(angle)

    for tick in range(60):
        inner = 0.86 if tick % 5 == 0 else 0.9
        sheet.line([spot(tick, inner), spot(tick, 0.94)], INK, 3 if tick % 5 == 0 else 1)
    for number in range(1, 13):
        place = spot(number * 5, 0.71)
        sheet.write(place[0], place[1] - radius * 0.125, str(number), size=radius * 0.19, align=0.5)
    sheet.line([centre, spot(hour % 12 * 5 + minute / 12, 0.36)], INK, 9)
    sheet.line([centre, spot(minute, 0.57)], sheet.colour, 5)
    sheet.circle(centre, 9, fill=INK)


def pie(sheet: Sheet, x: float, parts: int, taken: int, *, radius: float = 72) -> None:
    """A round cake in equal parts, some of them taken; centred on `x`, leaves `y` alone."""
    for part in range(parts):
        fill = sheet.colour if part < taken else "#ffffff"
        sheet.slice(
            (x, sheet.y + radius),
            radius,
            360 / parts * part,
            360 / parts * (part + 1),
            fill=fill,
            edge=INK,
        )


def bar(
    sheet: Sheet, x: float, y: float, width: float, parts: int, taken: int, *, height: float = 30
) -> None:
    """A bar in equal parts, some of them coloured."""
    step = width / parts
    for part in range(parts):
        fill = sheet.colour if part < taken else "#ffffff"
        sheet.rectangle(
            (x + part * step, y), (x + (part + 1) * step, y + height), fill=fill, edge=INK
        )


def button_groups(sheet: Sheet, groups: int, each: int, taken: int) -> None:
    """Buttons in equal groups, each ringed; the taken groups are coloured."""
    step = (sheet.right - sheet.left) / groups
    for group in range(groups):
        x = sheet.left + (group + 0.5) * step
        colour = sheet.colour if group < taken else "#ffffff"
        sheet.rectangle((x - 92, sheet.y), (x + 92, sheet.y + 74), edge="#8a93a3")
        for button in range(each):
            spot = (x + (button - (each - 1) / 2) * 54, sheet.y + 37)
            sheet.circle(spot, 22, fill=colour, edge=INK)
            for hole in (-6, 6):
                sheet.circle((spot[0] + hole, spot[1]), 2.6, fill=INK)
    sheet.y += 98


# The large pictures of the title and of the chapter openers


def tiles(sheet: Sheet, y: float) -> None:
    """Coloured number tiles in a bow."""
    for at, (digit, fill) in enumerate(
        zip(
            "1234567",
            ("#3467a8", "#2c8a7d", "#d9822b", RED, "#7a5aa6", "#3467a8", "#2c8a7d"),
            strict=True,
        )
    ):
        x, top = 190 + at * 125, y + abs(at - 3) ** 2 * 9
        sheet.rectangle((x, top), (x + 108, top + 108), fill=fill)
        sheet.write(x + 54, top + 14, f"**{digit}**", size=62, colour="#ffffff", align=0.5)


def street(sheet: Sheet) -> None:
    """Houses with numbers on their doors, and a bus."""
    ground = sheet.y + 330
    for at, (number, wall) in enumerate(
        ((128, "#f3d9b8"), (130, "#cfe0f2"), (132, "#dcebd2"), (134, "#f1d3d3"))
    ):
        x = sheet.left + 10 + at * 245
        sheet.rectangle((x, ground - 190), (x + 210, ground), fill=wall, edge=INK)
        sheet.polygon(
            [(x - 14, ground - 190), (x + 105, ground - 290), (x + 224, ground - 190)],
            "#b5654a",
            INK,
        )
        sheet.rectangle((x + 75, ground - 105), (x + 135, ground), fill="#8a5a3b", edge=INK)
        sheet.write(x + 105, ground - 150, f"**{number}**", size=31, align=0.5)
        for window in (18, 152):
            sheet.rectangle(
                (x + window, ground - 150),
                (x + window + 40, ground - 105),
                fill="#ffffff",
                edge=INK,
            )
    sheet.line([(sheet.left - 20, ground), (sheet.right + 20, ground)], INK, 4)
    road = ground + 150
    sheet.rectangle(
        (sheet.left + 280, road - 115), (sheet.left + 640, road - 15), fill=GOLD, edge=INK
    )
    for window in range(4):
        x = sheet.left + 300 + window * 62
        sheet.rectangle((x, road - 100), (x + 50, road - 62), fill="#ffffff", edge=INK)
    sheet.rectangle(
        (sheet.left + 556, road - 102), (sheet.left + 626, road - 58), fill="#ffffff", edge=INK
    )
    sheet.write(sheet.left + 591, road - 101, "**47**", size=31, align=0.5)
    for wheel in (350, 570):
        sheet.circle((sheet.left + wheel, road - 12), 26, fill="#4a4f5a", edge=INK)
        sheet.circle((sheet.left + wheel, road - 12), 10, fill=SILVER)
    sheet.y = road + 50


def market(sheet: Sheet) -> None:
    """A box of eggs and three tricycles."""
    top = sheet.y
    sheet.rectangle(
        (sheet.left + 20, top + 30), (sheet.left + 400, top + 180), fill="#cdb391", edge=INK
    )
    for egg in range(12):
        spot = (sheet.left + 65 + egg % 6 * 58, top + 70 + egg // 6 * 68)
        sheet.circle(spot, 25, fill="#f7ead8", edge="#9c7f58")
    for at in range(3):
        x, y = sheet.left + 500 + at * 185, top + 145
        sheet.line([(x, y), (x + 42, y - 62), (x + 96, y - 10), (x, y)], sheet.colour, 6)
        sheet.line([(x + 96, y - 10), (x + 84, y - 90), (x + 62, y - 96)], sheet.colour, 6)
        for wheel, radius in ((0, 22), (34, 22), (100, 32)):
            sheet.circle((x + wheel, y + 32 - radius), radius, fill="#ffffff", edge=INK, width=5)
    sheet.y = top + 225


def morning(sheet: Sheet) -> None:
    """A clock and a cake with a slice cut out."""
    clock(sheet, sheet.left + 250, 8, 0, radius=150)
    x, y, radius = sheet.right - 260, sheet.y + 150, 140
    for part in range(8):
        if part != 1:
            sheet.slice((x, y), radius, 45 * part, 45 * (part + 1), fill="#f6d7a8", edge="#8a5a3b")
            angle = radians(45 * part + 22.5 - 90)
            sheet.circle((x + 92 * cos(angle), y + 92 * sin(angle)), 14, fill=RED)
    sheet.slice((x + 30, y - 24), radius, 45, 90, fill="#f6d7a8", edge="#8a5a3b")
    sheet.circle(
        (x + 30 + 92 * cos(radians(-22.5)), y - 24 + 92 * sin(radians(-22.5))), 14, fill=RED
    )
    sheet.y += 340
