"""Routes of the ingestion's dashboard."""

from fastapi import APIRouter

from functions.knowledge import ingestion_service as service
from functions.knowledge.ingestion_models import IngestionState, Retried, RetryForm
from shared.identity.dependencies import AdminUser

router = APIRouter(prefix="/api/v1/retrieval/ingestion", tags=["cirrus"])


@router.get("")
def get_ingestion(_: AdminUser) -> IngestionState:
    """What waits, what is worked on, what failed, and how much was finished in the last day."""
    return service.state()


@router.post("/retry")
def retry_failed(form: RetryForm, _: AdminUser) -> Retried:
    """Tries files that failed once more."""
    return Retried(count=service.retry(form.file_ids))
