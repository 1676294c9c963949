"""A real S3 server (SeaweedFS), which checks signatures and puts create-only, for one session."""

import json
import os
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hornbook.errors import StoreUnavailable
from hornbook.library.objects import Objects

BUCKET = "hornbook"
KEY, SECRET = "hornbook", "a-secret-for-tests-only"
SECONDS_TO_START = 60
LISTENERS = (
    "master.port", "master.port.grpc", "volume.port", "volume.port.grpc",
    "filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc",
)  # fmt: skip
"""Everything that would otherwise listen on a fixed port."""


class Seaweed:
    """A running server; `environment` is what points the AWS variables at it."""

    def __init__(self, port: int) -> None:
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def seaweed() -> Iterator[Seaweed]:
    """Start a server in a folder that goes with it."""
    with TemporaryDirectory(prefix="hornbook-s3-") as name, ExitStack() as stack:
        folder, ports = Path(name), _free_ports(len(LISTENERS))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(_command(folder, ports), stdout=log, stderr=log)
        # It would take its time to end well; its data end with it.
        stack.callback(process.wait)
        stack.callback(process.kill)
        server = Seaweed(ports[LISTENERS.index("s3.port")])
        _wait_until_it_keeps(server, process, folder / "log")
        yield server


def _command(folder: Path, ports: list[int]) -> list[str]:
    weed = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    assert weed, "make dev installs it"
    user = {
        "name": "hornbook",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "users.json").write_text(json.dumps({"identities": [user]}))
    (folder / "data").mkdir()
    listeners = [f"-{name}={port}" for name, port in zip(LISTENERS, ports, strict=True)]
    return [
        weed, f"-logdir={folder}", "server", f"-dir={folder / 'data'}",
        "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *listeners,
        "-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=20",
        "-filer", f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3", f"-s3.localSocket={folder / 's3.sock'}", f"-s3.config={folder / 'users.json'}",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
    ]  # fmt: skip


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _wait_until_it_keeps(server: Seaweed, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """It listens before its volumes are there: only an object that was kept says it is ready."""
    with pointed_at(server.environment):
        store = Objects(f"s3://{BUCKET}/ready")
    for _ in range(SECONDS_TO_START * 5):
        try:
            store.put("yes", b"it keeps bytes")
        except StoreUnavailable:
            assert process.poll() is None, log.read_text(errors="replace")
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(log.read_text(errors="replace"))


@contextmanager
def pointed_at(environment: dict[str, str]) -> Iterator[None]:
    """Have the AWS variables point at a server while stores are opened."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
