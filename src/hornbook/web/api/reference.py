"""The API described for people, from `/openapi.json`, without anybody else's script."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def show_docs(request: Request) -> HTMLResponse:
    """List every route with its parameters, body and replies."""
    return HTMLResponse(_page(request.app.openapi()))


@router.get("/redoc")
def show_redoc(request: Request) -> HTMLResponse:
    """Give the same reference under its other usual address."""
    return HTMLResponse(_page(request.app.openapi()))


def _page(schema: dict[str, Any]) -> str:
    routes = [
        (operation["tags"][0], method.upper(), path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    tags = list(dict.fromkeys(tag for tag, *_rest in routes))
    sections = "".join(_section(tag, [row[1:] for row in routes if row[0] == tag]) for tag in tags)
    title = escape(f"{schema['info']['title']} {schema['info']['version']}")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        f"<body><main><h1>{title}</h1><p>{escape(schema['info']['description'])}</p>"
        f'<p><a href="/openapi.json">openapi.json</a> · <a href="/">Hornbook</a></p>'
        f"{sections}</main></body></html>"
    )


def _section(tag: str, routes: list[tuple[str, str, dict[str, Any]]]) -> str:
    return f"<section><h2>{escape(tag)}</h2>{''.join(_route(*route) for route in routes)}</section>"


def _route(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [_parameter(parameter) for parameter in operation.get("parameters", [])]
    content = operation.get("requestBody", {}).get("content", {})
    parts += [f"body: {media_type} {_type(body['schema'])}" for media_type, body in content.items()]
    replies = [f"{status}: {reply['description']}" for status, reply in _replies(operation)]
    return (
        f'<article id="{escape(operation["operationId"])}"><h3>{escape(operation["summary"])}</h3>'
        f"<p><code>{method} {escape(path)}</code></p><p>{escape(operation['description'])}</p>"
        f"<ul>{_lines(parts)}</ul><details><summary>Replies</summary><ul>{_lines(replies)}</ul>"
        "</details></article>"
    )


def _lines(lines: list[str]) -> str:
    return "".join(f"<li>{escape(line)}</li>" for line in lines)


def _replies(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(operation["responses"].items())


def _parameter(parameter: dict[str, Any]) -> str:
    need = "" if parameter.get("required") else " (optional)"
    described = f": {parameter['description']}" if parameter.get("description") else ""
    return f"{parameter['in']} {parameter['name']} {_type(parameter['schema'])}{need}{described}"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_type(option) for option in schema["anyOf"])
    if schema.get("type") == "object" and "properties" in schema:
        return "{" + ", ".join(schema["properties"]) + "}"
    return str(schema.get("format") or schema.get("type") or schema.get("title", ""))
