"""Use cases of imports and exports."""

import json

from functions.transfer import exporting, importing, jobs
from functions.transfer.jobs import JobItem, Kind
from functions.transfer.models import LARGEST_IMPORT, Download, Export, Import, ImportForm, Status, UploadForm, status
from shared.errors import Conflict, Invalid, TooLarge
from shared.settings import settings
from shared.storage import objects
from shared.storage.aws import lambda_client

FORM_SECONDS = 3600
DOWNLOAD_SECONDS = 600


def new_import(user_id: str, form: ImportForm) -> Import:
    """An import that waits for its file. Raises `TooLarge`, `Invalid`."""
    if form.size > LARGEST_IMPORT:
        raise TooLarge("A file to import can have at most 1 GiB. Split it into several.")
    if form.size == 0:
        raise Invalid("This file is empty.")
    item = jobs.create(user_id, "import", filename=form.filename, size=form.size)
    url, fields = objects.presigned_form(
        importing.upload_key(item), LARGEST_IMPORT, "application/json", seconds=FORM_SECONDS
    )
    return Import(**status(item).model_dump(), upload=UploadForm(url=url, fields=fields))


def start_import(user_id: str, job_id: str) -> Status:
    """Starts an import whose file is uploaded, or goes on with one that broke off. Raises `Conflict`, `NotFound`."""
    item = jobs.get(user_id, "import", job_id)
    size = objects.size(importing.upload_key(item))
    if item.state == "waiting":
        if size is None:
            raise Conflict("The file is not uploaded yet. Send the form first, then start the import.")
        item.size = size
    elif item.state == "failed" and size is None:
        raise Conflict(item.error or importing.GONE)
    _start(item)
    return status(item)


def new_export(user_id: str) -> Export:
    """Starts an export of everything the person has; one that is under way already is that one."""
    running = next((item for item in jobs.of_user(user_id, "export") if item.state not in jobs.ENDED), None)
    item = running or jobs.create(user_id, "export")
    _start(item)
    return export(item)


def export(item: JobItem) -> Export:
    """An export with its files."""
    files = [
        Download(
            name=part.name,
            size=part.size,
            url=objects.presigned_get(
                part.key,
                DOWNLOAD_SECONDS,
                content_type="application/zip",
                disposition=f'attachment; filename="{part.name}"',
            ),
        )
        for part in (item.known.parts if item.state == "done" else ())
    ]
    return Export(**status(item).model_dump(), files=files)


def remove(user_id: str, kind: Kind, job_id: str) -> None:
    """Stops a job if need be and deletes it with its files. What was imported stays. Raises `NotFound`."""
    item = jobs.get(user_id, kind, job_id)
    jobs.stop(item)
    if kind == "import":
        objects.delete(importing.upload_key(item))
    else:
        objects.delete(*objects.keys(exporting.prefix(item)))
    item.delete()


def call_worker(item: JobItem) -> None:
    """Has a worker go on with a job."""
    payload = json.dumps({"user_id": item.user_id, "kind": item.kind, "job_id": item.job_id}).encode()
    function = settings().require("courier_function")
    lambda_client().invoke(FunctionName=function, InvocationType="Event", Payload=payload)


def _start(item: JobItem) -> None:
    if item.state in ("done", "stopped"):
        raise Conflict("This has ended already. Begin a new one.")
    if jobs.queue(item):
        call_worker(item)
