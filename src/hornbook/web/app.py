"""The web application: routes, in their layers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from hornbook.web import auth, problems
from hornbook.web import pages as screens
from hornbook.web.api import (
    books,
    guidelines,
    health,
    jobs,
    llm_config,
    pages,
    previews,
    reference,
    refinements,
    review,
    study_plans,
    uploads,
)
from hornbook.web.api.bodies import Bodies
from hornbook.web.closing import Closing
from hornbook.web.language import Language
from hornbook.web.rim import Rim

if TYPE_CHECKING:
    from hornbook.wiring import App

CONTRACT_VERSION = "1"
STATIC = Path(__file__).parent / "static"
THREADS = 100
"""Requests at work at once. Polls must not wait for uploads that are being stored."""
DESCRIPTION = (
    "Turns the page images of a textbook into teaching guidelines. Every error is "
    '{"detail": "<one clear sentence>"}. Send `Authorization: Bearer <token>`.'
)


def create_app(hornbook: "App") -> FastAPI:
    """Put the web round an assembled application; whoever serves it starts and stops that."""
    app = FastAPI(
        title="Hornbook",
        version=CONTRACT_VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.hornbook = hornbook
    app.state.bodies = Bodies(hornbook.settings.max_file_bytes, hornbook.settings.max_files)
    health.add_gauges(hornbook)
    problems.add_to(app)
    _add_routes(app, hornbook)
    return app


def _add_routes(app: FastAPI, hornbook: "App") -> None:
    sessions = auth.Sessions(hornbook.accounts.cookie_secret, hornbook.clock)
    for routes in (
        books.router,
        uploads.router,
        pages.router,
        jobs.router,
        guidelines.router,
        guidelines.by_hand,
        refinements.router,
        previews.router,
        previews.published,
        review.router,
        llm_config.router,
        study_plans.router,
        health.router,
        reference.router,
        auth.router(hornbook, sessions),
    ):
        app.include_router(routes)
    screens.add_to(app, hornbook)
    app.mount("/static", StaticFiles(directory=STATIC, check_dir=False), name="static")
    _add_layers(app, hornbook, sessions)


def _add_layers(app: FastAPI, hornbook: "App", sessions: auth.Sessions) -> None:
    """Add the layers from the innermost to the outermost."""
    app.add_middleware(GZipMiddleware, compresslevel=5)
    app.add_middleware(auth.Gate, hornbook=hornbook, sessions=sessions)
    app.add_middleware(Closing, stopped=hornbook.stopped)
    app.add_middleware(Language)
    if hornbook.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=hornbook.settings.cors_origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After"],
        )
    app.add_middleware(Rim, metrics=hornbook.metrics)


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def _operation_id(route: APIRoute) -> str:
    """Name an operation as its function, so that generated clients stay the same."""
    return route.name
