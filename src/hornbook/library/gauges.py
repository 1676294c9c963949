"""How many jobs and pages there are, for the metrics."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hornbook.library.tables import JobRow, PageRow


def jobs(session: Session) -> dict[tuple[str, str], int]:
    """Count the jobs by type and status."""
    columns = (JobRow.job_type, JobRow.status)
    rows = session.execute(select(*columns, func.count()).group_by(*columns))
    return {(job_type, status): count for job_type, status, count in rows}


def pages(session: Session) -> dict[tuple[str, str], int]:
    """Count the pages by the state of their reading and of their review."""
    columns = (PageRow.ocr_status, PageRow.review)
    rows = session.execute(select(*columns, func.count()).group_by(*columns))
    return {(ocr_status, review): count for ocr_status, review, count in rows}
