"""Every kind of object store, so that one suite can be run on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hornbook.library.objects import Objects
from hornbook.model.ids import new_id
from tests.contracts.s3_server import BUCKET, Shared, s3_server
from tests.seaweed import BUCKET as REAL_BUCKET
from tests.seaweed import Seaweed, pointed_at


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    """An S3 server that the AWS variables point at."""
    with s3_server() as (endpoint, shared):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        yield shared


@pytest.fixture
def s3_objects(s3: Shared) -> Objects:
    return Objects(f"s3://{BUCKET}/some/prefix")


@pytest.fixture
def real_s3_objects(seaweed: Seaweed) -> Objects:
    """In a folder of its own: a bucket for each test would cost the server a volume each."""
    with pointed_at(seaweed.environment):
        return Objects(f"s3://{REAL_BUCKET}/{new_id()}")


@pytest.fixture(params=["memory", "folder", "s3", "real_s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """An empty object store of each kind."""
    if request.param.endswith("s3"):
        objects: Objects = request.getfixturevalue(f"{request.param}_objects")
        return objects
    folder = (tmp_path / "a store").as_uri()
    return Objects("memory://" if request.param == "memory" else folder)
