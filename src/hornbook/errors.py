"""Everything that can go wrong, told by what the admin does next.

HornbookError
├── Retryable                 wait: the same work may succeed later
│   ├── RateLimited           the provider asks for a pause
│   │   └── Queued            it asked somebody else, or takes no more this minute
│   ├── TimedOut              the work outran its deadline
│   ├── ServerError           the provider failed on its side
│   │   └── ReaderDied        the process that read the page died under it
│   └── Outage                nothing around the work answers: blames no page, and is waited out
│       ├── StoreUnavailable  the object store does not answer
│       │   └── StoreFull     its disk is full
│       └── MachineExhausted  the machine has no file handle, memory or process left
├── Terminal                  mend the page: the same input fails again
│   ├── UnreadableImage       the file cannot be decoded as a page image
│   ├── EmptyText             there is ink on the page, but no words
│   ├── KilledWorker          the page ended its worker three times
│   └── NoAnswer              the model gives nothing that can be used
│       ├── Declined          it refuses, or its provider filters what it says
│       ├── Malformed         what it says does not fit the form, also when asked again
│       ├── CutShort          it does not come to an end within twice the usual length
│       └── TooLong           the question is too long for it, a page also in parts
├── JobStopper                blames no page; the whole job stops and can be resumed
│   ├── KeyRefused
│   ├── QuotaExceeded
│   ├── ModelUnknown
│   ├── RequestRefused        the provider does not take what it is sent
│   ├── LanguageMissing       the local reader has no data for the book's language
│   ├── NoModel               nobody is chosen who could look at pages
│   └── CapReached            the job has cost what it may cost
├── ClaimLost                 another worker holds the job: write nothing more
├── NotFound                  no such book, page, job or guideline
├── Conflict                  not now, or not from this version
│   ├── JobAlreadyActive
│   ├── StaleRevision
│   └── KeyTaken              the store keeps other bytes under this key
├── Invalid                   the request asks for something impossible
│   └── RejectedUpload        a file that is no page image
│       └── TooLarge
├── DataFolderInUse           another server works on this data folder
└── MissingObject             a row points at an object that the store does not have
"""


class HornbookError(Exception):
    """The docstring of each class is its message when none is given."""

    usage: object = None
    """What a model cost until it came to this, as `model.question.Usage`, if one was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((self.__doc__ or "").split()))


class Retryable(HornbookError):
    """The work failed for now and may succeed when it is tried again."""

    cause = "Server error"

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds the other side asked us to wait, if it did."""


class RateLimited(Retryable):
    """Rate limit: the provider asks for a pause."""

    cause = "Rate limit"


class Queued(RateLimited):
    """Rate limit: all calls wait until the provider takes more."""


class TimedOut(Retryable):
    """Time-out: no answer within the deadline."""

    cause = "Time-out"


class ServerError(Retryable):
    """Server error: the provider failed on its side."""


class ReaderDied(ServerError):
    """Server error: the process reading this page died."""


class Outage(Retryable):
    """Server error: what the work stands on does not answer."""

    awaited = "the machine"
    """What a job that meets it waits for."""


class StoreUnavailable(Outage):
    """Server error: the object store does not answer."""

    awaited = "the object store"


class StoreFull(StoreUnavailable):
    """The disk of the object store is full. Make room, then resume, or send it again."""

    awaited = "room on the disk of the object store"


class MachineExhausted(Outage):
    """Server error: the machine has no file handle, memory or process left for the work."""

    awaited = "the machine to have room for more files and processes"


class Terminal(HornbookError):
    """The page cannot be processed as it is; trying again gives the same result."""


class UnreadableImage(Terminal):
    """The file cannot be read as a page image. Replace the image."""


class EmptyText(Terminal):
    """No words found on this page. Replace the image, type the text, or skip the page."""


class KilledWorker(Terminal):
    """The page ended its worker three times. Replace the image, or skip the page."""


class NoAnswer(Terminal):
    """The model gave no answer that can be used."""


class Declined(NoAnswer):
    """The model declined to answer. Correct the text, choose another model, or skip the page."""


class Malformed(NoAnswer):
    """The model's answer did not fit the form, also when asked again. Choose another model."""


class CutShort(NoAnswer):
    """The model's answer was cut off, also with twice the length. Choose another model."""


class TooLong(NoAnswer):
    """The text is too long for the model. Shorten it, or choose another model."""


class JobStopper(HornbookError):
    """The whole job has to stop; no page is to blame."""

    cause = "Server error"


class KeyRefused(JobStopper):
    """Key refused: the provider does not accept the key. Correct the key, then resume."""

    cause = "Key refused"


class QuotaExceeded(JobStopper):
    """Quota: the account has no credit left. Top it up, then resume."""

    cause = "Quota"


class ModelUnknown(JobStopper):
    """Model unknown: the provider has no model of this name. Choose another, then resume."""

    cause = "Model unknown"


class RequestRefused(JobStopper):
    """Request refused: the provider does not take what it is sent. See HORNBOOK_MODEL_OUTPUT."""

    cause = "Request refused"


class LanguageMissing(JobStopper):
    """Language missing: the local reader has no data for this language. Install it, then resume."""

    cause = "Language missing"


class NoModel(JobStopper):
    """No model: nobody is chosen who could look at pages. Choose a model, then resume."""

    cause = "No model"


class CapReached(JobStopper):
    """Spending cap: this job has cost what it may cost. Resume spends as much again."""

    cause = "Spending cap"


class ClaimLost(HornbookError):
    """Another worker has taken over this job."""


class NotFound(HornbookError):
    """There is no such thing."""


class Conflict(HornbookError):
    """The present state does not allow it."""


class JobAlreadyActive(Conflict):
    """A job is already active for this book. Wait until it ends, or stop it."""


class StaleRevision(Conflict):
    """Somebody changed this in the meantime. Load it again, then repeat your change."""


class KeyTaken(Conflict):
    """The object store keeps other bytes under this key, and nothing is ever overwritten."""


class Invalid(HornbookError):
    """The request asks for something impossible."""


class RejectedUpload(Invalid):
    """The file is no page image."""


class TooLarge(RejectedUpload):
    """The file is too large."""


class DataFolderInUse(HornbookError):
    """Another Hornbook server is already working on this data folder."""


class MissingObject(HornbookError):
    """The object store has no object under this key."""
