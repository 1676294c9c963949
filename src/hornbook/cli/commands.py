"""The command line: one command for everything an operator does."""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.exc import OperationalError

from hornbook.cli import demonstration, headless, logs, serving
from hornbook.cli.progress import ProgressBars, Quiet
from hornbook.errors import HornbookError, Invalid
from hornbook.model.book import BookFilter, NewBook
from hornbook.model.language import Language
from hornbook.settings import Settings
from hornbook.wiring import App, assemble
from hornbook.workflows.accounts import SHORT_PASSWORD
from hornbook.workflows.export import Form

app = typer.Typer(
    name="hornbook",
    help="Turn the page images of a textbook into teaching guidelines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
user = typer.Typer(help="Who may log in.", no_args_is_help=True)
app.add_typer(user, name="user")
journal_app = typer.Typer(help="What models have answered.", no_args_is_help=True)
app.add_typer(journal_app, name="journal")

out = Console()
err = Console(stderr=True)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The folder of database and objects [env: HORNBOOK_DATA_DIR]."),
]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]
BookId = Annotated[str, typer.Argument(metavar="BOOK", help="The book's id, as its address shows.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error that Hornbook knows is one sentence and exit code 1."""
    try:
        app(arguments)
    except HornbookError as error:
        _give_up(str(error))
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        _give_up(f"The database does not answer: {reason}")
    except OSError as error:
        _give_up(f"{error.strerror}: {error.filename}" if error.filename else str(error))


def _give_up(sentence: str) -> NoReturn:
    err.print("[red]hornbook:[/red]", escape(sentence), highlight=False)
    sys.exit(1)


def _assemble(data_dir: Path | None, *, log_level: int = logging.WARNING) -> App:
    logs.configure(log_level)
    hornbook = assemble(_settings(data_dir))
    hornbook.prepare()
    return hornbook


def _settings(data_dir: Path | None) -> Settings:
    try:
        return Settings(data_dir=data_dir) if data_dir else Settings()
    except ValidationError as error:
        raise Invalid(" ".join(map(_complaint, error.errors()))) from error


def _complaint(fault: ErrorDetails) -> str:
    setting = "_".join(["HORNBOOK", *map(str, fault["loc"])]).upper()
    return f"{setting} is {fault['input']!r}. {fault['msg']}."


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000, data_dir: DataDir = None) -> None:
    """Serve the screens and the API, and run jobs."""
    serving.serve(_assemble(data_dir, log_level=logging.INFO), host, port)


@app.command()
def work(data_dir: DataDir = None) -> None:
    """Run jobs without serving anything, until stopped."""
    serving.work(_assemble(data_dir, log_level=logging.INFO))


@app.command()
def demo(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: DataDir = None,
    serve: Annotated[bool, typer.Option(help="Show the result in the browser afterwards.")] = True,
) -> None:
    """Take the sample book through the whole journey, then serve it; a worker dies on the way."""
    demonstration.run(_settings(data_dir), out)
    if serve:
        serving.serve(_assemble(data_dir, log_level=logging.INFO), host, port)


@app.command()
def ingest(
    *,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE_OR_FOLDER", help="Page images, or folders of them."),
    ],
    title: Annotated[str, typer.Option(help="The book's title.")],
    grade: Annotated[int, typer.Option(min=1, max=12, help="School grade.")],
    subject: Annotated[str, typer.Option(help="Subject, such as Mathematics.")],
    board: Annotated[str, typer.Option(help="Examination board.")] = "unspecified",
    country: Annotated[str, typer.Option(help="Country.")] = "unspecified",
    author: Annotated[str | None, typer.Option(help="Author.")] = None,
    language: Annotated[
        Language, typer.Option(help="Language it is printed in.", show_choices=False)
    ] = Language.ENGLISH,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with a JSON report as the last line.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Take a book from page images to published guidelines.

    Approves nothing: pages and guidelines wait for a human's review. Exit code: 0 all good, 1
    failed, 3 completed with failed pages.
    """
    new = NewBook(
        title=title,
        grade=grade,
        subject=subject,
        board=board,
        country=country,
        author=author,
        language=language,
    )
    watcher = Quiet() if as_json else ProgressBars(err)
    try:
        report = _ingest(paths, new, watcher, data_dir)
    except HornbookError as error:
        if not as_json:
            raise
        report = headless.Report(None, "failed", error=str(error))
    _print_report(report, as_json=as_json)
    raise typer.Exit(report.exit_code)


def _ingest(
    paths: list[Path], new: NewBook, watcher: Quiet, data_dir: Path | None
) -> headless.Report:
    files = headless.find_pages(paths)
    hornbook = _assemble(data_dir)
    with watcher, headless.working_app(hornbook):
        journey = headless.Journey(hornbook, watcher)
        return journey.run(new, headless.read_files(files), total=len(files))


def _print_report(report: headless.Report, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    for refusal in report.refused:
        err.print(f"  {refusal.name}: {refusal.error}", highlight=False, markup=False)
    for page in report.failed_pages:
        err.print(
            f"  Page {page.page_num} ({page.file_name}): {page.error}",
            highlight=False,
            markup=False,
        )
    if report.error:
        err.print(f"[red]{report.error}[/red]")
    out.print(
        f"{report.status.replace('_', ' ')}: {report.pages} pages, {report.topics} topics, "
        f"{report.subtopics} subtopics, {report.synced} published, {report.seconds} s",
        highlight=False,
    )
    out.print(f"Book {report.book_id}", highlight=False)


@app.command()
def export(
    book: BookId,
    form: Annotated[
        Form, typer.Option("--format", help="Markdown, JSON, a table, or Word.")
    ] = Form.MD,
    data_dir: DataDir = None,
) -> None:
    """Write a book's guidelines to standard output."""
    hornbook = _assemble(data_dir)
    written = hornbook.exports.written(book, form)
    typer.echo(written, nl=False)


@app.command()
def project(
    book: Annotated[
        str | None, typer.Argument(metavar="[BOOK]", help="One book; else all.")
    ] = None,
    *,
    anew: Annotated[
        bool, typer.Option("--anew", help="Every file, as after a bucket was put back.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring the files in the bucket up to date with the database."""
    hornbook = _assemble(data_dir)
    if anew:
        hornbook.distrust_files()
    behind = [id_ for id_ in _book_ids(hornbook, book) if not hornbook.projector.catch_up(id_)]
    if behind:
        err.print(f"The store does not answer; still behind: {', '.join(behind)}", highlight=False)
        raise typer.Exit(1)
    out.print("The bucket is up to date.")


def _book_ids(hornbook: App, book: str | None) -> list[str]:
    if book is not None:
        return [hornbook.books.get(book).id]
    books, _ = hornbook.books.list(BookFilter(limit=sys.maxsize))
    return [one.id for one in books]


@app.command()
def rebuild(data_dir: DataDir = None) -> None:
    """Make an empty database again from the bucket alone."""
    report = _assemble(data_dir).rebuild()
    for line in report.lines():
        out.print(line, highlight=False)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the copy.")],
    data_dir: DataDir = None,
) -> None:
    """Copy database and objects into a new folder, also while a server is working.

    The copy is a data folder: `hornbook serve --data-dir FOLDER` goes on with it. Exit code: 1
    when the store lacked objects that the database knows; the copy is kept and they are named.
    """
    hornbook = _assemble(data_dir)
    with Progress(*Progress.get_default_columns(), console=err, transient=True) as progress:
        bar = progress.add_task("Copying objects", total=None)
        report = hornbook.backup(
            folder, lambda done, total: progress.update(bar, completed=done, total=total)
        )
    size = report.size / 1024 / 1024
    out.print(f"{report.objects} objects, {size:.1f} MB, and the database are in {folder}.")
    if report.missing:
        err.print(f"Not in the store: {', '.join(report.missing)}", highlight=False, markup=False)
        raise typer.Exit(1)


@journal_app.command("prune")
def prune_journal(
    days: Annotated[
        int, typer.Option("--older-than", min=0, help="Days since the answer came.")
    ] = 365,
    data_dir: DataDir = None,
) -> None:
    """Forget what models answered long ago; books keep everything that was made of it.

    What is asked again after that is paid for again, and what it once cost is no longer told.
    What jobs under way have asked stays.
    """
    hornbook = _assemble(data_dir)
    forgotten = hornbook.journal.prune(hornbook.clock() - timedelta(days=days))
    out.print(
        f"{forgotten.answers} answers of models are forgotten,"
        f" and {forgotten.others} calls that gave none."
    )


@app.command()
def doctor(data_dir: DataDir = None) -> None:
    """Check what Hornbook needs: database, store, OCR, and who is working."""
    table = Table("Part", "State", "Detail")
    checks = _assemble(data_dir).checks()
    is_well = True
    for name, check in checks.items():
        state, detail = _examine(check)
        is_well = is_well and state == "ok"
        table.add_row(name, state, detail)
    out.print(table)
    raise typer.Exit(0 if is_well else 1)


def _examine(check: Callable[[], str]) -> tuple[str, str]:
    try:
        return "ok", check()
    except Exception as error:  # noqa: BLE001 - the doctor reports whatever is wrong
        return "[red]wrong[/red]", f"{type(error).__name__}: {error}"


@user.command("add")
def add_user(name: str, data_dir: DataDir = None) -> None:
    """Add a user; the password comes from a prompt, or from the first line of standard input."""
    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    _assemble(data_dir).accounts.add_user(name, password)
    out.print(f"{name} may log in.", highlight=False)
    if len(password) < SHORT_PASSWORD:
        err.print(f"This password is easy to guess: {SHORT_PASSWORD} characters are better.")


@user.command("token")
def make_token(name: str, data_dir: DataDir = None) -> None:
    """Make a bearer token for a program; it is shown once."""
    typer.echo(_assemble(data_dir).accounts.make_token(name))
