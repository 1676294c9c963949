"""A real browser against a real server, with pages drawn on the spot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from hornbook.settings import Settings
from hornbook.wiring import assemble
from tests.browser import gallery
from tests.drawing import drawn_page, encoded
from tests.server import Server

USER, PASSWORD = "anita", "correct horse battery"
SECTIONS = {
    1: (
        "Chapter 1 Fractions",
        "1.1 Adding Like Fractions",
        "Like fractions have the same denominator.",
    ),
    2: (
        "1.1 Adding Like Fractions",
        "To add like fractions, add the numerators.",
        "Example 1. Add 2/7 and 3/7.",
    ),
    3: (
        "1.2 Subtracting Fractions",
        "To subtract, take one numerator from the other.",
        "Example 2. Subtract 1/5 from 4/5.",
    ),
    4: (
        "1.2 Subtracting Fractions",
        "A common mistake is to subtract the denominators.",
        "Exercise: subtract 2/9 from 7/9.",
    ),
}


def page_file(number: int) -> bytes:
    """A page of a small book about fractions."""
    filler = (
        "Write each answer in its simplest form.",
        "Check the result with a drawing of the parts.",
    )
    return encoded(drawn_page((*SECTIONS[number], *filler), size=(900, 1200), text_size=30))


def unreadable_file() -> bytes:
    """A PNG by its first bytes, and by nothing else."""
    return page_file(1)[:60] + bytes(4000)


class Admin:
    """Somebody at a browser, and what the browser complained about."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        tab = self.context.new_page()
        tab.on("console", self._listen)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => console.error('CSP ' + event.violatedDirective))"
        )
        return tab

    def _listen(self, message) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def log_in(self, user: str = USER) -> "Admin":
        self.page.goto(f"{self.url}/login")
        self.page.get_by_label("User name").fill(user)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(f"{self.url}/")
        return self

    def let_in(self, user: str = USER) -> "Admin":
        """Log in without the screen for it."""
        self.context.request.post(
            f"{self.url}/login",
            form={"user_name": user, "password": PASSWORD},
            headers={"Origin": self.url},
            max_redirects=0,
        )
        return self

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


def add_user(data_dir: Path, name: str) -> None:
    hornbook = assemble(Settings(data_dir=data_dir))
    hornbook.prepare()
    hornbook.accounts.add_user(name, PASSWORD)
    hornbook.database.close()


def pytest_collection_finish() -> None:
    """End at once, before any test: a run without a browser would say little, slowly."""
    if gallery.program() is None:
        pytest.exit("The browser tests need Chromium on the PATH, or named in $CHROMIUM.", 1)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=gallery.program(), args=[*gallery.LAUNCH]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory, nursery) -> Iterator[Server]:
    data_dir: Path = tmp_path_factory.mktemp("browser") / "data"
    add_user(data_dir, USER)
    running = Server(data_dir, spawn=nursery.spawn).start()
    yield running
    running.stop()


@pytest.fixture
def admin(browser: Browser, server: Server) -> Iterator[Admin]:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(20_000)
    yield Admin(context, server.url).log_in()
    context.close()


@pytest.fixture(scope="session")
def shown(tmp_path_factory, nursery) -> Iterator[gallery.Gallery]:
    """A book in every state; who looks at them changes nothing."""
    folder = tmp_path_factory.mktemp("gallery")
    add_user(folder / "data", USER)
    server = gallery.guided_server(folder, nursery.spawn)
    yield gallery.hang(server)
    server.kill()  # what it holds would outlast the time it has to leave
    server.http.close()


@pytest.fixture(scope="session")
def finished_book(server: Server) -> str:
    """A book that went the whole way but for its last approval, with one page that cannot be read."""
    book = server.create_book(title="Fractions", author="Finished")
    files = [(f"page{number}.png", page_file(number)) for number in SECTIONS]
    server.upload(book, [*files, ("torn.png", unreadable_file())])
    assert server.wait(book)["status"] == "completed"
    server.generate(book)
    assert server.wait(book)["status"] == "completed"
    server.finalize(book)
    assert server.wait(book)["status"] == "completed"
    return book
