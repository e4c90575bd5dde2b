"""The prompt of an answer: what the client sent, or the stored branch that leads to the message."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from shared.answers import AnswerRequest
from shared.chats import store
from shared.chats.models import Message
from shared.errors import NotFound
from shared.json_input import mended
from shared.llm import body
from shared.llm.provider import Json
from shared.prompting import Settings, combined, params_in, with_system
from shared.storage import objects

if TYPE_CHECKING:
    from functions.generate.context import Summary
    from shared.chats.folders import Folder

# The stock client keeps reasoning and tool calls in the text, in elements of these; models never see them again.
_DETAILS = re.compile(r'<details type="(?:reasoning|tool_calls|code_interpreter)".*?</details>\s*', re.DOTALL)
_FILE = re.compile(r"/api/v1/files/([^/?#]+)(?:/content)?$")


@dataclass(frozen=True)
class Prompt:
    """A provider's body, and the text the answer goes on from (empty unless it continues an earlier attempt)."""

    body: Json
    content: str = ""
    reasoning: str = ""
    first_question: str | None = None
    """What the person asked, when this is the first answer of its chat."""
    params: Json = field(default_factory=dict)
    """The parameters of all levels."""
    messages: list[Json] = field(default_factory=list)
    """The whole conversation, also where the body has a summary in place of its beginning."""
    summary: "Summary | None" = None
    attached: list[Json] = field(default_factory=list)
    """What the folder, the chat and its messages have beside their texts."""
    sources: list[Json] = field(default_factory=list)
    """What the answer has cited already, when it goes on."""

    def begun_with(self, summary: "Summary") -> "Prompt":
        """The same with a summary in place of the messages that it covers."""
        from functions.generate.context import shortened

        body = {**self.body, "messages": shortened(self.messages, summary)}
        return replace(self, body=body, summary=summary)

    def grounded(self, messages: list[Json]) -> "Prompt":
        """The same with what the answer is drawn from in its messages."""
        grounded = replace(self, messages=messages, body={**self.body, "messages": messages}, summary=None)
        return grounded.begun_with(self.summary) if self.summary else grounded

    @property
    def asked(self) -> list[Json]:
        """The conversation up to the answer."""
        messages: list[Json] = self.body["messages"]
        return messages[:-1] if self.content and messages and messages[-1].get("role") == "assistant" else messages


def compose(request: AnswerRequest) -> Prompt:
    """Builds the prompt; raises `NotFound` when the chat or message is gone."""
    given: list[Json] = request.body.get("messages") or []
    path, settings, attached = _stored(request)
    answer: Message = path[-1] if path else {}
    continues = request.attempt > 1 or (bool(given) and given[-1].get("role") == "assistant")
    base = str(answer.get("content") or "") if continues else ""
    if continues and given and not path:
        base = _plain(given[-1].get("content"))
    reasoning = str(answer.get("reasoning_content") or "") if continues else ""
    if request.resume:
        base, reasoning = request.resume.content, request.resume.reasoning_content
        given = [*(given[:-1] if continues else given), {"role": "assistant", "content": base}] if given else []
    messages = list(given) if given else _conversation(path, base)
    messages = with_system(messages, settings, request.variables)
    messages = [_with_images(message, request) for message in messages]
    whole = {**request.body, "messages": messages}
    upstream = body.upstream(whole, request.upstream_model, settings.params, open_model=request.open_model)
    options = upstream.get("stream_options")
    upstream["stream_options"] = {**(options if isinstance(options, dict) else {}), "include_usage": True}
    messages = upstream["messages"]
    questions = [message for message in messages if message.get("role") == "user"]
    prompt = Prompt(
        upstream,
        content=base,
        reasoning=reasoning,
        first_question=_plain(questions[0].get("content")) if len(questions) == 1 else None,
        params=settings.params,
        messages=messages,
        attached=[*attached, *_listed(request.body.get("files")), *([] if given else _files(path))],
        sources=(request.resume.sources if request.resume else _listed(answer.get("sources"))) if base else [],
    )
    summarised = [message for message in [*path, _made_before(request)] if message.get("context_summary")]
    if not summarised or not request.summarise:
        return prompt
    from functions.generate.context import known

    summary = known(summarised, messages)
    return prompt.begun_with(summary) if summary else prompt


def _made_before(request: AnswerRequest) -> Json:
    """What an earlier round of the answer made of the conversation."""
    return {"context_summary": request.resume.summary} if request.resume else {}


def _stored(request: AnswerRequest) -> tuple[list[Message], Settings, list[Json]]:
    """The stored branch, the settings of all levels, and the folder's files, in one round trip."""
    own = request.body.get("params") or {}
    if request.temporary:
        return [], combined(request.levels, [own]), []
    with ThreadPoolExecutor(2) as pool:
        found = pool.submit(_folder, request.user_id, request.folder_id) if request.folder_id else None
        fields = pool.submit(objects.get, request.chat_fields_key) if request.chat_fields_key else None
        path = mended(store.branch(request.chat_id, request.message_id))
        folder = found.result() if found else None
        params = params_in(json.loads(fields.result())) if fields else request.chat_params
    general = [*request.levels, {**params_in(folder.data), "system": folder.system_prompt} if folder else {}]
    return path, combined(general, [params, own]), folder.files if folder else []


def _files(path: list[Message]) -> list[Json]:
    """What people have attached to their messages, other than pictures."""
    listed = [file for message in path if message.get("role") == "user" for file in _listed(message.get("files"))]
    return [file for file in listed if file.get("type") != "image"]


def _listed(files: object) -> list[Json]:
    return [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []


def _folder(user_id: str, folder_id: str) -> "Folder | None":
    from shared.chats import folders

    return folders.folder(user_id, folder_id)


def _conversation(path: list[Message], base: str) -> list[Json]:
    messages: list[Json] = []
    for message in path[:-1]:
        content = _DETAILS.sub("", str(message.get("content") or "")).strip()
        images = [file["url"] for file in _listed(message.get("files")) if _is_image(file)]
        if message.get("role") == "assistant" and not content:
            continue
        if images:
            parts: list[Json] = [{"type": "text", "text": content}] if content else []
            parts += [{"type": "image_url", "image_url": {"url": url}} for url in images]
            messages.append({"role": message.get("role", "user"), "content": parts})
        else:
            messages.append({"role": message.get("role", "user"), "content": content})
    if base:
        messages.append({"role": "assistant", "content": base})
    return messages


def _is_image(file: Json) -> bool:
    return file.get("type") == "image" and isinstance(file.get("url"), str) and bool(file["url"])


def _with_images(message: Json, request: AnswerRequest) -> Json:
    """The message with stored images in place of links to them, which no provider could follow."""
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_with_image(part, request) for part in content if _is_part(part)]}


def _is_part(part: object) -> bool:
    """Whether a part of a message is one; what is left out, no provider could read."""
    if not isinstance(part, dict):
        return False
    if part.get("type") == "image_url":
        image = part.get("image_url")
        return isinstance(image, dict) and isinstance(image.get("url"), str)
    return part.get("type") != "text" or isinstance(part.get("text"), str)


def _with_image(part: Json, request: AnswerRequest) -> Json:
    if part.get("type") == "image_url" and not request.sees:
        # Providers refuse the whole conversation for it, also where an earlier question went to another model.
        return {"type": "text", "text": "(Here is an image, which this model cannot see.)"}
    image: Json = part["image_url"] if part.get("type") == "image_url" else {}
    found = _FILE.search(image.get("url", ""))
    if not found:
        return part
    from shared import files

    try:
        return {**part, "image_url": {**image, "url": files.image_data_url(found[1], request.user_id)}}
    except NotFound:
        return {"type": "text", "text": "(The image that was here has been deleted.)"}


def _plain(content: object) -> str:
    """The text of a message's content, which may be in parts."""
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if _is_part(part) and part.get("type") == "text")
    return content if isinstance(content, str) else ""
