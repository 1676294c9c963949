"""The environment, read and checked once."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _split(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


CommaList = Annotated[list[str], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """Every setting, as `HORNBOOK_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="HORNBOOK_", extra="ignore")

    data_dir: Path = Path("data")
    """Database and local store lie below it."""
    database_url: str | None = None
    """`sqlite:///…` or `postgresql://…`; by default a SQLite file in the data folder."""
    store_url: str | None = None
    """`file://…` or `s3://bucket/prefix`; by default a folder in the data folder."""
    ocr: str = Field(default="tesseract", pattern=r"^(tesseract|vision|nothing|[\w.]+:\w+)$")
    """Who reads: `tesseract`; `vision`, the model; `nothing`, for trying uploads; or
    `package.module:Class`."""
    ocr_workers: int | None = Field(default=None, ge=1, le=64)
    """Pages read at once; by default one for each core."""
    model: str = Field(default="offline", pattern=r"^(offline|(openai|anthropic|google):\S+)$")
    """Who thinks about the text: `offline`, or `provider:model`."""
    model_concurrency: int = Field(default=8, ge=1, le=256)
    """Calls of a model in flight at once."""
    model_output: Literal["auto", "json_schema", "json_object", "tool", "prompted"] = "auto"
    """How a model is held to the form of its answer; servers differ in what they understand."""
    model_requests_per_minute: int | None = Field(default=None, ge=1)
    """Calls in any minute, if the provider allows no more."""
    model_tokens_per_minute: int | None = Field(default=None, ge=1)
    """Tokens in any minute, if the provider allows no more."""
    model_price: str | None = Field(default=None, pattern=r"^\d+(\.\d+)?/\d+(\.\d+)?$")
    """US dollars for a million tokens of input and of output, `0.15/0.60`, where none is known."""
    max_cost: float | None = Field(default=None, gt=0)
    """US dollars that one job may cost before it stops, resumably."""
    token: SecretStr | None = None
    """A bearer token the API accepts, for programs."""
    on_crash: Literal["continue", "fail"] = "continue"
    """What becomes of a job whose server died: it goes on, or it waits for Resume."""
    cors_origins: CommaList = []
    """Origins of other front-ends that may call the API; none by default."""
    max_file_mb: float = Field(default=10, gt=0)
    """The largest image."""
    max_pdf_mb: float = Field(default=100, gt=0)
    """The largest PDF; only the book's own page and `ingest` take any."""
    max_files: int = Field(default=1000, ge=1)
    """Files in one request."""
    max_pages: int = Field(default=2000, ge=1)
    """Pages in one book."""

    @property
    def max_file_bytes(self) -> int:
        """The largest upload, in bytes."""
        return int(self.max_file_mb * 1024 * 1024)

    @property
    def max_pdf_bytes(self) -> int:
        """The largest PDF, in bytes."""
        return int(self.max_pdf_mb * 1024 * 1024)

    @property
    def resolved_database_url(self) -> str:
        """Where the rows are."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve()}/hornbook.db"

    @property
    def resolved_store_url(self) -> str:
        """Where the objects are."""
        return self.store_url or (self.data_dir.resolve() / "store").as_uri()
