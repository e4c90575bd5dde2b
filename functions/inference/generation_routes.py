"""The contract's module `tasks`: what a model does beside the answers, asked for by a client; and its settings."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from functions.inference import streaming
from functions.inference.models import TaskConfig, TaskConfigForm, TaskForm
from shared.errors import Invalid, TooLarge
from shared.identity.dependencies import AdminUser, VerifiedUser
from shared.identity.sessions import Identity
from shared.llm.catalog import catalog, choose
from shared.llm.provider import Json
from shared.llm.providers import provider_for
from shared.llm.registry import KEPT_SECONDS
from shared.prompting import variables_of
from shared.sections import load, update
from shared.tasks import prompts, reading
from shared.tasks.model import task_model
from shared.tasks.section import Kind, TasksSection

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])

_OFF: dict[Kind, str] = {
    "title": "Titles are switched off.",
    "tags": "Tags by a model are switched off.",
    "follow_up": "Follow-ups are switched off.",
    "queries": "Search queries by a model are switched off.",
    "image_prompt": "Prompts for pictures by a model are switched off.",
    "auto": "Autocompletion is switched off.",
    "emoji": "Emoji by a model are switched off.",
    "moa": "Merging answers is switched off.",
}
# The contract answers 200 where one of these is off, and 400 for the others.
_QUIETLY_OFF: tuple[Kind, ...] = ("title", "tags", "follow_up")


@router.get("/config")
def get_config(_: VerifiedUser) -> TaskConfig:
    """The settings of all tasks, with the prompts an admin wrote; an empty one stands for ours."""
    return _shown(load(TasksSection, fresh=True))


@router.post("/config/update")
def update_config(form: TaskConfigForm, _: AdminUser) -> TaskConfig:
    """Changes the settings of tasks; what the contract does not know and the form leaves out stays."""
    changes = {name.lower(): value for name, value in form.model_dump(exclude_unset=True).items()}
    return _shown(update(TasksSection, lambda section: section.model_copy(update=changes)))


@router.post("/title/completions", response_model=None)
async def make_title(form: TaskForm, user: VerifiedUser) -> Response:
    """A title for `messages`: a completion whose content is {"title": …}."""
    return await _task("title", form, user)


@router.post("/tags/completions", response_model=None)
async def make_tags(form: TaskForm, user: VerifiedUser) -> Response:
    """Tags for `messages`: a completion whose content is {"tags": […]}."""
    return await _task("tags", form, user)


@router.post("/follow_up/completions", response_model=None)
async def make_follow_ups(form: TaskForm, user: VerifiedUser) -> Response:
    """What the person may ask next: a completion whose content is {"follow_ups": […]}."""
    return await _task("follow_up", form, user)


@router.post("/image_prompt/completions", response_model=None)
async def make_image_prompt(form: TaskForm, user: VerifiedUser) -> Response:
    """A prompt for a model that draws: a completion whose content is {"prompt": …}."""
    return await _task("image_prompt", form, user)


@router.post("/queries/completions", response_model=None)
async def make_queries(form: TaskForm, user: VerifiedUser) -> Response:
    """Searches for `messages`; `type` is web_search or retrieval: a completion whose content is {"queries": […]}."""
    return await _task("queries", form, user)


@router.post("/auto/completions", response_model=None)
async def complete_typing(form: TaskForm, user: VerifiedUser) -> Response:
    """What may come after `prompt`, as it is being typed: a completion whose content is {"text": …}."""
    longest = load(TasksSection).autocomplete_generation_input_max_length
    if 0 < longest < len(form.prompt or ""):
        raise Invalid(f"What is typed is longer than the {longest} characters that are completed.")
    return await _task("auto", form, user)


@router.post("/emoji/completions", response_model=None)
async def make_emoji(form: TaskForm, user: VerifiedUser) -> Response:
    """The emoji for `prompt`: a completion whose content is that one emoji, or nothing."""
    return await _task("emoji", form, user)


@router.post("/moa/completions", response_model=None)
async def merge_answers(request: Request, form: TaskForm, user: VerifiedUser) -> Response:
    """One answer out of the `responses` that several models gave to `prompt`, by `model`; streamed if so wished."""
    section = load(TasksSection)
    if not section.enabled("moa"):
        raise Invalid(_OFF["moa"])
    if sum(map(len, form.responses)) > 1_000_000:
        raise TooLarge("These answers are too long to be merged.")
    chosen = await choose(form.model, user)
    text = prompts.rendered(
        section.template("moa"),
        prompt=form.prompt or "",
        responses=form.responses,
        variables=variables_of(user.user, form.variables),
    )
    body = {"model": chosen.model.upstream_id, "messages": [{"role": "user", "content": text}]}
    provider = provider_for(chosen.connection)
    if form.stream:
        return await streaming.events(request, provider.stream({**body, "stream": True}))
    return await streaming.document(request, provider.complete(body))


async def _task(kind: Kind, form: TaskForm, user: Identity) -> Response:
    section = load(TasksSection)
    if not section.enabled(kind, form.type or ""):
        if kind in _QUIETLY_OFF:
            return JSONResponse({"detail": _OFF[kind]})
        raise Invalid(_OFF[kind])
    known = await catalog(seconds=KEPT_SECONDS)
    chosen = await choose(form.model, user, known)
    connection, model = task_model(section, known, chosen.connection, chosen.model.upstream_id)
    text = prompts.rendered(
        section.template(kind),
        form.messages,
        prompt=form.prompt,
        variables=variables_of(user.user, form.variables),
        purpose=form.type or "",
    )
    body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": False}
    return JSONResponse(_read(kind, await provider_for(connection).complete(body)))


def _read(kind: Kind, completion: Json) -> Json:
    """The completion with what could be read of it as its content: broken JSON is repaired, or nothing is left."""
    choices = completion.get("choices") or [{}]
    message = choices[0].get("message") or {}
    content = reading.as_json(kind, str(message.get("content") or ""))
    return {**completion, "choices": [{**choices[0], "message": {"role": "assistant", "content": content}}]}


def _shown(section: TasksSection) -> TaskConfig:
    return TaskConfig.model_validate({name.upper(): value for name, value in section.model_dump().items()})
