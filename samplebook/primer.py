"""Numbers All Around: the text of the primer, page by page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from PIL import Image

from samplebook import pictures as draw
from samplebook.sheet import WIDTH, Sheet

TITLE: Final = "Numbers All Around"
_COLOURS: Final = {
    0: ("#3467a8", "#e4edf8"),
    1: ("#3467a8", "#e4edf8"),
    2: ("#23796d", "#dff1ee"),
    3: ("#b8641a", "#fbeddc"),
}
"""Ink and tint of each chapter; 0 is the title."""
_CHAPTERS: Final = {1: "Place Value", 2: "Multiplying and Dividing", 3: "Time and Fractions"}
_SECTIONS: Final = {
    "1.1": "Hundreds, Tens, and Ones", "1.2": "Comparing Numbers",
    "2.1": "Equal Groups", "2.2": "Sharing Equally",
    "3.1": "Telling the Time", "3.2": "Parts of a Whole",
}  # fmt: skip


def title_page() -> Sheet:
    """The title and, below it, what is in the book."""
    sheet = _sheet(0)
    sheet.y = 210
    sheet.middle(f"**{TITLE}**", size=90, colour=sheet.colour, gap=8)
    sheet.middle("A First Book of Numbers for Grade 3", size=40, gap=56)
    draw.tiles(sheet, sheet.y)
    sheet.y += 310
    sheet.text("**Contents**", size=42, colour=sheet.colour, gap=14)
    first = {"1.1": 3, "1.2": 5, "2.1": 8, "2.2": 10, "3.1": 15, "3.2": 17}
    for chapter, opener in ((1, 2), (2, 7), (3, 14)):
        _entry(sheet, f"**Chapter {chapter} {_CHAPTERS[chapter]}**", opener, indent=0)
        for number, page in first.items():
            if number.startswith(str(chapter)):
                _entry(sheet, f"{number} {_SECTIONS[number]}", page, indent=40)
        sheet.y += 22
    sheet.y += 40
    sheet.text(
        "This little book was written for Hornbook, to be read, photographed, spoiled and mended."
        " You may copy it freely.",
        size=23,
        colour="#5b6270",
    )
    return sheet


def opener_1() -> Sheet:
    """Chapter 1 begins."""
    sheet = _opener(1, 2)
    sheet.text(
        "Numbers are all around us. They stand on the doors of houses and on the front of the"
        " bus. They tell us how many pages a book has, how tall we are, and how far it is to"
        " school.",
        size=31,
        gap=28,
    )
    draw.street(sheet)
    sheet.text(
        "How many different signs do we need to write all these numbers? Only ten! The signs 0,"
        " 1, 2, 3, 4, 5, 6, 7, 8, and 9 are called **digits**. The trick is the place where a"
        " digit stands. In this chapter you will find out how that trick works.",
        size=31,
        gap=28,
    )
    with sheet.box("Let us talk", fill=sheet.tint):
        sheet.bullets(
            [
                "Where did you see a number today? What did it tell you?",
                (
                    "The houses in the picture are numbered 128, 130, 132, and 134. What will be"
                    " the number of the next house?"
                ),
                "Which is the largest number that you know? Can you write it down?",
            ],
            size=30,
        )
    return sheet


def hundreds_tens_ones() -> Sheet:
    """Section 1.1, first page."""
    sheet = _page("1.1", 3)
    sheet.section("1.1", _SECTIONS["1.1"])
    _objectives(
        sheet,
        "say how many hundreds, tens, and ones make up a number",
        "write a number in expanded form",
        "explain what the digit zero does in a number",
    )
    sheet.text(
        "When we count many things, we make bundles. Ten ones are bundled into one ten. Ten tens"
        " are bundled into one hundred. With blocks it looks like this:"
    )
    draw.blocks_named(sheet)
    with sheet.box("Definition", edge=sheet.colour):
        sheet.text(
            "The **place value** of a digit is the value that it has because of its place in the"
            " number. In 352 the digit 5 stands in the tens place. Its place value is 5 tens,"
            " or~50.",
            gap=12,
        )
    draw.table(sheet, ("Hundreds", "Tens", "Ones"), (("3", "5", "2"),), width=620)
    with _example(sheet, 1):
        sheet.text("How many hundreds, tens, and ones are there in 247?", gap=8)
        _solution(sheet)
        draw.blocks(sheet, 2, 4, 7, cell=9)
        sheet.text("The number 247 has 2 hundreds, 4 tens, and 7 ones.", gap=12)
    with sheet.box("Try it", fill=sheet.tint):
        sheet.text("Draw blocks for 135. How many hundreds, tens, and ones did you draw?", gap=12)
    return sheet


def expanded_form() -> Sheet:
    """Section 1.1, second page."""
    sheet = _page("1.1", 4)
    sheet.heading("Expanded form")
    sheet.text(
        "A number is written in **expanded form** when it is written as the sum of the values of"
        " its digits:",
        gap=8,
    )
    sheet.middle("352~=~300~+~50~+~2", gap=16)
    with _example(sheet, 2):
        sheet.text("Write 608 in expanded form.", gap=8)
        _solution(sheet)
        sheet.text(
            "The 6 stands for 600. There are no tens. The 8 stands for 8 ones. So 608~=~600~+~8.",
            gap=8,
        )
        sheet.text(
            "The zero keeps the tens place open. Without it, 608 would turn into 68.", gap=12
        )
    with _mistake(sheet):
        sheet.text(
            "Some children write four hundred seven as 4007, because they hear first 400 and then"
            " 7. Each place holds only one digit, so four hundred seven is~written~407.",
            gap=12,
        )
    sheet.heading("Exercises")
    sheet.task(1, "How many hundreds, tens, and ones are there?", ("385", "460", "902"))
    sheet.task(2, "Write in expanded form.", ("274", "530", "806"))
    sheet.task(3, "What is the place value of the digit 7?", ("704", "371", "427"))
    sheet.task(4, "Ben has these coins. How many cents does he have altogether?")
    sheet.y += 6
    draw.coins(sheet, (10, 10, 10, 10, 1, 1, 1))
    with _note(sheet):
        sheet.text(
            "Let the children build every number with blocks or bundled straws before they write"
            " it. Exchange ten ones for one ten by hand, and say each number aloud. Children who"
            " mix up 608 and 680 need to see both of them side by side.",
            gap=12,
            size=25,
        )
    return sheet


def comparing() -> Sheet:
    """Section 1.2, first page."""
    sheet = _page("1.2", 5)
    sheet.section("1.2", _SECTIONS["1.2"])
    _objectives(
        sheet,
        "tell which of two numbers is greater",
        "use the signs < and >",
        "put numbers in order from least to greatest",
    )
    sheet.text(
        "Leila has 342 stickers and Omar has 324 stickers. Who has more? To find out, we compare"
        " the digits one after the other, and we begin with the largest place."
    )
    with sheet.box("How to compare two numbers", fill=sheet.tint):
        sheet.text("Step 1. Compare the hundreds. If they differ, you are done.", gap=4)
        sheet.text("Step 2. If the hundreds are the same, compare the tens.", gap=4)
        sheet.text("Step 3. If the tens are the same too, compare the ones.", gap=12)
    with _example(sheet, 1):
        sheet.text("Which number is greater, 342 or 324?", gap=8)
        _solution(sheet)
        sheet.text(
            "Both numbers have 3 hundreds, so we look at the tens. The number 342 has 4 tens, but"
            " 324 has only 2 tens. So 342 is greater than 324, and Leila has more stickers.",
            gap=12,
        )
    with sheet.box("Definition", edge=sheet.colour):
        sheet.text(
            "The sign > means **is greater than**, and the sign < means **is less than**. The"
            " open side of the sign always faces the greater number: 342~>~324 and 324~<~342.",
            gap=12,
        )
    sheet.text("On a number line the greater number always stands farther to the right.", gap=10)
    draw.number_line(sheet, 300, 400, 10, marked=(324, 342))
    with sheet.box("Try it", fill=sheet.tint):
        sheet.text("Which number is greater, 617 or 671? Which digits did you compare?", gap=12)
    return sheet


def ordering() -> Sheet:
    """Section 1.2, second page."""
    sheet = _page("1.2", 6)
    sheet.heading("Putting numbers in order")
    sheet.text(
        "To put three numbers in order, find the least one first. Then compare the other two.",
        gap=14,
    )
    with _example(sheet, 2):
        sheet.text("Put 518, 185, and 581 in order from least to greatest.", gap=8)
        _solution(sheet)
        sheet.text(
            "The number 185 has only 1 hundred, so it is the least. Both 518 and 581 have 5"
            " hundreds. Now compare the tens: 1 ten is less than 8 tens, so 518 is less than 581.",
            gap=8,
        )
        sheet.text("The order is 185, 518, 581.", gap=12)
    draw.number_line(sheet, 100, 600, 100, marked=(185, 518, 581))
    with _mistake(sheet):
        sheet.text(
            "Is 99 greater than 101, because 9 is greater than 1? No! Count the digits first. A"
            " whole number with three digits is always greater than one with two digits.",
            gap=12,
        )
    sheet.heading("Exercises")
    sheet.task(1, "Which number is greater?", ("415 or 451", "230 or 203", "99 or 110"))
    sheet.task(
        2,
        "Write the correct sign, < or >, between the numbers.",
        ("678 and 687", "500 and 499", "96 and 104"),
    )
    sheet.task(3, "Put the numbers in order from least to greatest: 340, 304, 430, 403.")
    sheet.task(4, "Write three numbers that are greater than 250 and less than 260.")
    sheet.task(
        5,
        "Mia is thinking of a number with three digits. All its digits are the same, and it is"
        " greater than 400 and less than 500. What is her number?",
    )
    sheet.y += 14
    with _note(sheet):
        sheet.text(
            "Draw a long number line on the floor and let the children stand on it with number"
            " cards. Ask them to explain in words why one number is greater before they write a"
            " sign.",
            gap=12,
            size=25,
        )
    return sheet


def opener_2() -> Sheet:
    """Chapter 2 begins."""
    sheet = _opener(2, 7)
    sheet.text(
        "At the market many things come in equal groups. Eggs lie in two rows of six. Each"
        " tricycle has three wheels. Nobody counts all the eggs one by one, because there is a"
        " quicker way.",
        size=31,
        gap=28,
    )
    sheet.y += 70
    draw.market(sheet)
    sheet.y += 70
    sheet.text(
        "When groups are equal, we can **multiply** to find out how many there are altogether."
        " And when we know how many there are altogether, we can **divide** them into equal"
        " groups. Multiplying and dividing belong together like opening and closing a door: each"
        " one undoes the other.",
        size=31,
        gap=28,
    )
    with sheet.box("Let us talk", fill=sheet.tint):
        sheet.bullets(
            [
                "How many eggs are in the box? How did you find out without counting every egg?",
                "How many wheels do the three tricycles have altogether?",
                (
                    "What else comes in equal groups? Look at your hands, your shoes, and the"
                    " windows of your classroom."
                ),
            ],
            size=30,
        )
    return sheet


def equal_groups() -> Sheet:
    """Section 2.1, first page."""
    sheet = _page("2.1", 8)
    sheet.section("2.1", _SECTIONS["2.1"])
    _objectives(
        sheet,
        "find equal groups and count them",
        "write a repeated addition as a multiplication",
        "use the words factor and product",
    )
    sheet.text(
        "There are 4 plates, and there are 3 apples on each plate. The groups are equal.", gap=16
    )
    draw.plates(sheet, 4, 3)
    sheet.text("We can add the same number again and again, or we can multiply:", gap=8)
    sheet.middle("3~+~3~+~3~+~3~=~12", gap=2)
    sheet.middle("4~×~3~=~12", gap=12)
    sheet.text("We read: four times three is twelve.", gap=20)
    with sheet.box("Definition", edge=sheet.colour):
        sheet.text(
            "The numbers that we multiply are called **factors**. The answer of a multiplication"
            " is called the **product**. In 4~×~3~=~12 the factors are 4 and 3, and the product"
            " is 12.",
            gap=12,
        )
    with _example(sheet, 1):
        sheet.text("A tricycle has 3 wheels. How many wheels do 5 tricycles have?", gap=8)
        _solution(sheet)
        sheet.text(
            "There are 5 equal groups of 3 wheels: 3~+~3~+~3~+~3~+~3~=~15. So 5~×~3~=~15.", gap=8
        )
        sheet.text("Five tricycles have 15 wheels.", gap=12)
    with sheet.box("Try it", fill=sheet.tint):
        sheet.text(
            "Draw 3 groups of 5 stars. Write an addition and a multiplication for your drawing.",
            gap=12,
        )
    return sheet


def arrays() -> Sheet:
    """Section 2.1, second page."""
    sheet = _page("2.1", 9)
    sheet.heading("Rows and columns")
    sheet.text(
        "Things that stand in equal rows form an **array**. We may count an array by its rows or"
        " by its columns.",
        gap=12,
    )
    middle = (sheet.left + sheet.right) / 2
    draw.array(sheet, middle - 240, 3, 5, gap=34)
    height = draw.array(sheet, middle + 240, 5, 3, gap=34)
    sheet.y += height + 4
    sheet.write(middle - 240, sheet.y, "3 rows of 5: 3~×~5~=~15", size=28, align=0.5)
    sheet.write(middle + 240, sheet.y, "5 rows of 3: 5~×~3~=~15", size=28, align=0.5)
    sheet.y += 62
    sheet.text("If we swap the factors, the product stays the same.", gap=14)
    with _example(sheet, 2):
        sheet.text(
            "Chairs stand in 4 rows with 6 chairs in each row. How many chairs are there?", gap=8
        )
        _solution(sheet)
        sheet.text(
            "There are 4 equal rows of 6, so we multiply: 4~×~6~=~24. There are 24 chairs.", gap=12
        )
    draw.table(
        sheet,
        ("×", "1", "2", "3", "4", "5", "10"),
        [[f"**{n}**", *(str(n * m) for m in (1, 2, 3, 4, 5, 10))] for n in (2, 5, 10)],
        width=760,
        size=23,
    )
    with _mistake(sheet):
        sheet.text(
            "Do not mix up 3~+~4 and 3~×~4. Three plus four is 7, but three groups of four~are~12.",
            gap=12,
        )
    sheet.heading("Exercises")
    sheet.task(1, "Find the product.", ("2~×~7", "5~×~6", "10~×~4"))
    sheet.task(2, "Write as a multiplication: 4~+~4~+~4~+~4~+~4~+~4.")
    sheet.task(3, "A spider has 8 legs. How many legs do 3 spiders have?")
    sheet.y += 10
    with _note(sheet):
        sheet.text(
            "Ask for a drawing before the numbers: groups, rows, or jumps. A child who can draw"
            " 4~×~6 in two ways has understood it.",
            gap=12,
            size=25,
        )
    return sheet


def sharing() -> Sheet:
    """Section 2.2, first page."""
    sheet = _page("2.2", 10)
    sheet.section("2.2", _SECTIONS["2.2"])
    _objectives(
        sheet,
        "share a number of things equally",
        "write a division",
        "check a division with a multiplication",
    )
    sheet.text(
        "Nina, Paul, and Sam share 12 cookies. They give one cookie to each child, then one more,"
        " until no cookie is left.",
        gap=16,
    )
    draw.shared(sheet, ("Nina", "Paul", "Sam"), 4)
    sheet.text(
        "Each child gets 4 cookies. We write 12~÷~3~=~4 and read: twelve divided by three~is~four."
    )
    with sheet.box("Definition", edge=sheet.colour):
        sheet.text(
            "To **divide** means to make equal groups. The answer of a division is called the"
            " **quotient**. In 12~÷~3~=~4 the quotient is 4.",
            gap=12,
        )
    with _example(sheet, 1):
        sheet.text(
            "Share 20 marbles equally among 5 friends. How many marbles does each friend get?",
            gap=8,
        )
        _solution(sheet)
        sheet.text("We divide: 20~÷~5~=~4. Each friend gets 4 marbles.", gap=8)
        sheet.text("We check with a multiplication: 5~×~4~=~20. The answer is correct.", gap=12)
    with sheet.box("Try it", fill=sheet.tint):
        sheet.text(
            "Share 15 pencils equally among 3 children. Draw a picture, write a division, and"
            " check it.",
            gap=12,
        )
    return sheet


def how_many_groups() -> Sheet:
    """Section 2.2, second page."""
    sheet = _page("2.2", 11)
    sheet.heading("How many groups?")
    sheet.text(
        "We also divide when we know how large each group is and want to know how many groups"
        " there are.",
        gap=14,
    )
    with _example(sheet, 2):
        sheet.text(
            "A baker has 18 rolls. She puts 6 rolls into each bag. How many bags does~she~need?",
            gap=8,
        )
        _solution(sheet)
        sheet.text(
            "We take away 6 again and again: 18~−~6~=~12, then 12~−~6~=~6, then 6~−~6~=~0.", gap=8
        )
        sheet.text("We took away 6 three times, so 18~÷~6~=~3. The baker needs 3 bags.", gap=12)
    draw.number_line(
        sheet, 0, 18, 1, jumps=((18, 12, "one bag"), (12, 6, "one bag"), (6, 0, "one bag"))
    )
    sheet.heading("Fact families")
    sheet.text(
        "Multiplication and division undo each other. The numbers 3, 6, and 18 form a **fact"
        " family**:",
        gap=10,
    )
    sheet.middle("3~×~6~=~18~~~~~~6~×~3~=~18", gap=0)
    sheet.middle("18~÷~3~=~6~~~~~~18~÷~6~=~3", gap=16)
    with _mistake(sheet):
        sheet.text(
            "In a division the order matters. 12~÷~3 is 4, but 3~÷~12 is not 4. The number that"
            " is shared comes first.",
            gap=12,
        )
    sheet.heading("Exercises")
    sheet.task(
        1, "Divide. Check each answer with a multiplication.", ("14~÷~2", "30~÷~5", "24~÷~4")
    )
    sheet.task(2, "There are 16 children. How many teams of 4 can they make?")
    sheet.y += 10
    with _note(sheet):
        sheet.text(
            "Use both questions from the start: how many are in each group, and how many groups"
            " are there. Act them out with counters, so that children hear the difference in the"
            " story.",
            gap=12,
            size=25,
        )
    return sheet


def more_practice() -> Sheet:
    """Section 2.2, third page: the one that nobody will be able to read."""
    sheet = _page("2.2", 12)
    sheet.heading("More practice")
    sheet.task(
        1, "Divide.", ("15~÷~3", "40~÷~10", "18~÷~2", "21~÷~3", "45~÷~5", "28~÷~4"), columns=3
    )
    sheet.task(
        2, "Share 24 pencils equally among 6 children. How many pencils does each child get?"
    )
    sheet.task(
        3,
        "A ribbon is 30 centimeters long. Rosa cuts it into pieces of 5 centimeters. How many"
        " pieces does she get?",
    )
    sheet.task(4, "Write a story for 35~÷~7 and solve it.")
    sheet.y += 20
    draw.shared(sheet, ("Ada", "Luis", "Kim", "Tom"), 3)
    sheet.task(
        5,
        "Look at the picture. How many cookies are there altogether? Write a multiplication and a"
        " division for it.",
    )
    return sheet


def blank_page() -> Sheet:
    """Nothing at all."""
    return _sheet(2)


def opener_3() -> Sheet:
    """Chapter 3 begins."""
    sheet = _opener(3, 14)
    sheet.text(
        "It is eight o'clock in the morning. School begins in half an hour, and the birthday cake"
        " is waiting in the kitchen. Halves and quarters are hiding in our clocks and in our"
        " cakes!",
        size=31,
        gap=28,
    )
    sheet.y += 60
    draw.morning(sheet)
    sheet.y += 50
    sheet.text(
        "A clock cuts the day into hours and the hours into minutes, and all these parts are"
        " equal. A fair cook cuts a cake into equal parts, too. In this chapter you will learn to"
        " read the clock, and you will meet **fractions**, the numbers for equal parts.",
        size=31,
        gap=28,
    )
    with sheet.box("Let us talk", fill=sheet.tint):
        sheet.bullets(
            [
                "What do you do at eight o'clock in the morning? And at eight in the evening?",
                "Into how many equal pieces was the cake in the picture cut?",
                "Have you ever shared something that could not be shared without cutting it?",
            ],
            size=30,
        )
    return sheet


def telling_time() -> Sheet:
    """Section 3.1, first page."""
    sheet = _page("3.1", 15)
    sheet.section("3.1", _SECTIONS["3.1"])
    _objectives(
        sheet,
        "read a clock to five minutes",
        "say the time with the words past and to",
        "find out how much time has passed",
    )
    sheet.text(
        "A clock has two hands. The short hand shows the hour. The long hand shows the minutes:"
        " it needs 5 minutes from one number to the next, and 60 minutes for the whole way round."
    )
    with sheet.box("Definition", edge=sheet.colour):
        sheet.text(
            "One **hour** is 60 minutes. Half an hour is 30 minutes. A quarter of an hour is 15"
            " minutes.",
            gap=12,
        )
    with _example(sheet, 1):
        sheet.text("What time does the clock show?", gap=14)
        draw.clock(sheet, (sheet.left + sheet.right) / 2, 4, 20, radius=120)
        sheet.y += 262
        _solution(sheet)
        sheet.text(
            "The short hand is a little past the 4, so the hour is 4. The long hand points to the"
            " 4. We count by fives from the top: 5, 10, 15, 20.",
            gap=8,
        )
        sheet.text("The time is 4:20. We say: twenty minutes past four.", gap=12)
    sheet.text(
        "After half past we often say how many minutes are missing to the next hour. 4:40 is"
        " twenty minutes to five, and 4:45 is a quarter to five."
    )
    return sheet


def time_passing() -> Sheet:
    """Section 3.1, second page."""
    sheet = _page("3.1", 16)
    sheet.heading("How much time has passed?")
    sheet.text("To find out how long something takes, jump along a line of time.", gap=14)
    with _example(sheet, 2):
        sheet.text(
            "The music lesson begins at 9:10 and ends at 9:55. How long does it take?", gap=8
        )
        _solution(sheet)
        sheet.text("From 9:10 to 9:30 it is 20 minutes. From 9:30 to 9:55 it is 25 minutes.", gap=8)
        sheet.text("Altogether it is 20~+~25~=~45 minutes. The lesson takes 45 minutes.", gap=12)
    names = {at: f"9:{at:02d}" for at in range(0, 60, 5)} | {60: "10:00"}
    draw.number_line(
        sheet, 0, 60, 5, jumps=((10, 30, "20 minutes"), (30, 55, "25 minutes")), names=names
    )
    with _mistake(sheet):
        sheet.text(
            "At half past three the short hand does not point to the 3. It stands halfway between"
            " the 3 and the 4, because half of the hour is over.",
            gap=12,
        )
    sheet.heading("Exercises")
    sheet.task(1, "What time does each clock show?")
    sheet.y += 8
    for at, (hour, minute) in enumerate(((7, 0), (2, 30), (10, 45))):
        draw.clock(sheet, sheet.left + 170 + at * 330, hour, minute, radius=95)
    sheet.y += 214
    sheet.task(2, "Draw a clock that shows ten minutes past six.")
    sheet.task(3, "A film begins at 5:15 and ends at 6:00. How many minutes does it take?")
    sheet.y += 14
    with _note(sheet):
        sheet.text(
            "Keep a real clock in the classroom and move its hands together, so that the short"
            " hand creeps on while the long hand travels. Link each time to something the"
            " children do at that hour.",
            gap=12,
            size=25,
        )
    return sheet


def parts_of_a_whole() -> Sheet:
    """Section 3.2, first page."""
    sheet = _page("3.2", 17)
    sheet.section("3.2", _SECTIONS["3.2"])
    _objectives(
        sheet,
        "cut a whole into equal parts and name them",
        "write and read a fraction",
        "find a fraction of a small number of things",
    )
    sheet.text(
        "When a whole is cut into equal parts, each part is a **fraction** of the whole. Two"
        " equal parts are halves, three are thirds, and four are quarters.",
        gap=18,
    )
    for at, (parts, taken, name) in enumerate(
        ((2, 1, "one half, 1/2"), (3, 1, "one third, 1/3"), (4, 3, "three quarters, 3/4"))
    ):
        x = sheet.left + 165 + at * 335
        draw.pie(sheet, x, parts, taken)
        sheet.write(x, sheet.y + 158, name, size=27, align=0.5)
    sheet.y += 222
    with sheet.box("Definition", edge=sheet.colour):
        sheet.text(
            "The **denominator** tells into how many equal parts the whole is cut. It stands"
            " below the line, or after the slash. The **numerator** tells how many of these parts"
            " we take. It stands above the line, or before the slash. In 3/4 the numerator is 3"
            " and the denominator is~4.",
            gap=12,
        )
    with _example(sheet, 1):
        sheet.text(
            "A cake is cut into 8 equal pieces. Ana eats 3 of them. What fraction of the cake"
            " does Ana eat, and what fraction is left?",
            gap=8,
        )
        _solution(sheet)
        sheet.text(
            "The whole has 8 equal parts, so the denominator is 8. Ana eats 3 parts: that is 3/8"
            " of the cake. There are 5 parts left: that is 5/8 of the cake.",
            gap=12,
        )
    with sheet.box("Try it", fill=sheet.tint):
        sheet.text(
            "Draw a square and cut it into 4 equal parts. Color one part. What fraction of the"
            " square is colored?",
            gap=12,
        )
    return sheet


def fraction_of_a_set() -> Sheet:
    """Section 3.2, second page."""
    sheet = _page("3.2", 18)
    sheet.heading("A fraction of a set")
    sheet.text(
        "A group of things can be a whole, too. To find 1/4 of a group, we share it into 4 equal"
        " parts.",
        gap=14,
    )
    with _example(sheet, 2):
        sheet.text("Find 1/4 of 12 buttons.", gap=10)
        draw.button_groups(sheet, 4, 3, 1)
        _solution(sheet)
        sheet.text(
            "We share 12 buttons into 4 equal parts: 12~÷~4~=~3. So 1/4 of 12 buttons"
            " is~3~buttons.",
            gap=12,
        )
    with _mistake(sheet):
        sheet.text(
            "Is 1/4 greater than 1/3, because 4 is greater than 3? No! The more equal parts we"
            " make, the smaller each part is. So 1/4 is less than 1/3.",
            gap=12,
        )
    x, step = sheet.left + 30, 54
    for row, (parts, name) in enumerate(((1, "one whole"), (2, "1/2"), (3, "1/3"), (4, "1/4"))):
        draw.bar(sheet, x, sheet.y + row * step, 720, parts, 1, height=38)
        sheet.write(x + 750, sheet.y + row * step, name, size=27)
    sheet.y += 4 * step + 10
    sheet.heading("Exercises")
    sheet.task(1, "Which is greater?", ("1/2 or 1/3", "1/8 or 1/4", "2/3 or 1/3"))
    sheet.task(2, "Find the fraction of the number.", ("1/2 of 10", "1/3 of 9", "1/4 of 20"))
    sheet.task(
        3,
        "A ribbon is cut into 6 equal pieces. Two pieces are red. What fraction of the ribbon is"
        " red?",
    )
    sheet.task(4, "Fold a sheet of paper twice in the middle. What fraction is each part?")
    sheet.y += 14
    with _note(sheet):
        sheet.text(
            "Fold, cut, and share real things before any fraction is written. Insist on the word"
            " equal: a cake cut into two unequal pieces has no halves.",
            gap=12,
            size=25,
        )
    return sheet


PAGES: Final[tuple[Callable[[], Sheet], ...]] = (
    title_page,
    opener_1, hundreds_tens_ones, expanded_form, comparing, ordering,
    opener_2, equal_groups, arrays, sharing, how_many_groups, more_practice, blank_page,
    opener_3, telling_time, time_passing, parts_of_a_whole, fraction_of_a_set,
)  # fmt: skip


def printed() -> list[Image.Image]:
    """All pages, clean, in the order of the book."""
    return [page().printed() for page in PAGES]


def _sheet(chapter: int) -> Sheet:
    return Sheet(*_COLOURS[chapter])


def _opener(chapter: int, page: int) -> Sheet:
    sheet = _sheet(chapter)
    sheet.rectangle((0, 0), (WIDTH, 56), fill=sheet.colour)
    sheet.y = 150
    sheet.text(f"**Chapter {chapter}**", size=40, colour=sheet.colour, gap=0)
    sheet.text(f"**{_CHAPTERS[chapter]}**", size=70, colour=sheet.colour, gap=30)
    sheet.write(WIDTH / 2, 1659, str(page), size=26, align=0.5)
    return sheet


def _page(section: str, page: int) -> Sheet:
    chapter = int(section[0])
    sheet = _sheet(chapter)
    sheet.furniture(
        f"Chapter {chapter} {_CHAPTERS[chapter]}", f"{section} {_SECTIONS[section]}", page
    )
    return sheet


def _entry(sheet: Sheet, words: str, page: int, *, indent: float) -> None:
    """A line of the contents with dots up to its page number."""
    y = sheet.y
    sheet.text(words, size=31, indent=indent, gap=8)
    sheet.write(sheet.right, y, str(page), size=31, align=1)
    for x in range(640, round(sheet.right) - 60, 16):
        sheet.circle((x, y + 26), 1.5, fill="#b9bfca")


def _objectives(sheet: Sheet, *aims: str) -> None:
    with sheet.box("Learning objectives", fill=sheet.tint):
        sheet.text("By the end of this section you will be able to:", gap=6)
        sheet.bullets(aims)


def _example(sheet: Sheet, number: int) -> AbstractContextManager[None]:
    return sheet.box(f"EXAMPLE {number}", bar=sheet.colour, fill="#f5f6f8")


def _solution(sheet: Sheet) -> None:
    sheet.text("**Solution**", gap=4)


def _mistake(sheet: Sheet) -> AbstractContextManager[None]:
    return sheet.box("Common mistake", bar="#b3261e", fill="#fdf3f1")


def _note(sheet: Sheet) -> AbstractContextManager[None]:
    return sheet.box("Note for teachers", bar="#5b6270", fill="#f1f2f4")
