"""The prompts of tasks as they are built in, and their variables.

`{{MESSAGES}}` is the conversation, `{{MESSAGES:START:n}}` and `{{MESSAGES:END:n}}` its first and last n messages,
`{{MESSAGES:MIDDLETRUNCATE:n}}` n of them from both ends. `{{prompt}}`, with `:start:n`, `:end:n` and
`:middletruncate:n` for n characters, is what the person wrote; `{{TYPE}}` what it is for, `{{responses}}` the answers
of several models. Beside them the variables of `shared.prompting`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shared.prompting import filled

LONGEST_MESSAGE = 2000
_MESSAGES = re.compile(r"\{\{MESSAGES(?::(START|END|MIDDLETRUNCATE):(\d{1,6}))?\}\}")
_PROMPT = re.compile(r"\{\{prompt(?::(start|end|middletruncate):(\d{1,6}))?\}\}", re.IGNORECASE)
# The stock client keeps reasoning and tool calls in the text, in elements of these; pictures are links.
_NOT_TEXT = re.compile(r"<details\b[^>]*>.*?</details>|!\[[^\]]*\]\([^)]*\)", re.DOTALL | re.IGNORECASE)

BUILT_IN: dict[str, str] = {
    "title": """\
Give the conversation below a title that lets its owner find it again: three to six words, in the language of the \
conversation, no quotation marks, no full stop. One fitting emoji may come first.
Answer with nothing but JSON: {"title": "…"}

<conversation>
{{MESSAGES:END:2}}
</conversation>""",
    "tags": """\
Sort the conversation below for an archive: one to three tags for its broad subjects (such as Cooking, Law, Python), \
and up to two for what it is about in particular. Each is one or two words in the language of the conversation. \
When nothing fits, say "General".
Answer with nothing but JSON: {"tags": ["…", "…"]}

<conversation>
{{MESSAGES:END:6}}
</conversation>""",
    "follow_up": """\
Suggest three things that the person in the conversation below may want to say or ask next. Write them as the person \
would, in the language of the conversation, each in one short sentence that makes sense by itself and goes further \
than what has been said.
Answer with nothing but JSON: {"follow_ups": ["…", "…", "…"]}

<conversation>
{{MESSAGES:END:6}}
</conversation>""",
    "queries": """\
Today is {{CURRENT_DATE}}. Which searches would find what is needed to answer the last message of the conversation \
below? Give one to three short queries, each for something else, in the language most likely to find it. When the \
message can be answered well without any search, give none.
Answer with nothing but JSON: {"queries": ["…"]}

<conversation>
{{MESSAGES:END:6}}
</conversation>""",
    "image_prompt": """\
Describe the picture that the person in the conversation below wants, for a model that draws from words: what is in \
it, how it is arranged, style, light and colours. Only what can be seen, in English, no more than eighty words.
Answer with nothing but JSON: {"prompt": "…"}

<conversation>
{{MESSAGES:END:6}}
</conversation>""",
    "auto": """\
Somebody is typing, and what they have so far is below ({{TYPE}}). Write what most likely comes next, to be put right \
behind it: a few words in the same language and tone, never a repetition, never an answer to it. When nothing is \
likely, give an empty text.
Answer with nothing but JSON: {"text": "…"}

<conversation>
{{MESSAGES:END:4}}
</conversation>
<typed>
{{prompt}}
</typed>""",
    "emoji": """\
Answer with exactly one emoji and nothing else: the face that somebody makes who says the following.

{{prompt:middletruncate:2000}}""",
    "moa": """\
Several models have answered the same question. Write the one best answer: keep what is right and useful in theirs, \
check what they disagree about, leave out errors and repetitions, and add what is missing. Do not mention that there \
were several answers. Write in the language of the question.

<question>
{{prompt}}
</question>

<answers>
{{responses}}
</answers>""",
    "summary": """\
The conversation below has grown too long to be sent as a whole. Write a summary that takes its place, so that it can \
go on without anything important being lost: what was asked and why, what was found out and decided, names, figures, \
code and quotations that are still needed word for word, and what is still open. Write in the language of the \
conversation, in notes without an introduction.

<conversation>
{{MESSAGES}}
</conversation>""",
}


def rendered(
    template: str,
    messages: Sequence[Mapping[str, Any]] = (),
    *,
    prompt: str | None = None,
    variables: Mapping[str, str] | None = None,
    purpose: str = "",
    responses: Sequence[str] = (),
    longest: int = LONGEST_MESSAGE,
) -> str:
    """A prompt with its variables filled in. What people and models wrote is put in last, and not looked at again."""
    said = [(str(message.get("role")), plain(message.get("content"))) for message in messages]
    said = [(role, text) for role, text in said if text and role in ("user", "assistant")]
    if prompt is None:
        prompt = next((text for role, text in reversed(said) if role == "user"), "")
    answers = "\n\n".join(f"<answer>\n{response}\n</answer>" for response in responses)
    text = filled(template, variables or {}).replace("{{TYPE}}", purpose)
    pattern = re.compile(f"{_MESSAGES.pattern}|(?i:{_PROMPT.pattern})|(\\{{\\{{responses\\}}\\}})")

    def value(found: re.Match[str]) -> str:
        if found[5]:
            return answers
        if found[0][2:10] == "MESSAGES":
            chosen = _chosen(said, found[1], int(found[2] or 0))
            return "\n".join(f"{role.upper()}: {_middle(text, longest)}" for role, text in chosen)
        return _excerpt(prompt, (found[3] or "").lower(), int(found[4] or 0))

    return pattern.sub(value, text)


def plain(content: object) -> str:
    """The text of a message's content, which may be in parts, without what is folded in it."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        content = "\n".join(str(part.get("text", "")) for part in parts)
    return _NOT_TEXT.sub("", content).strip() if isinstance(content, str) else ""


def _chosen(said: list[tuple[str, str]], how: str | None, count: int) -> list[tuple[str, str]]:
    if how is None or count >= len(said):
        return said
    if how == "START":
        return said[:count]
    if how == "END":
        return said[len(said) - count :]
    return said[: count // 2] + said[len(said) - (count - count // 2) :]


def _excerpt(text: str, how: str, count: int) -> str:
    if not how:
        return text
    if how == "start":
        return text[:count]
    if how == "end":
        return text[-count:] if count else ""
    return _middle(text, count)


def _middle(text: str, count: int) -> str:
    """The text without its middle when it is longer than that."""
    if len(text) <= count:
        return text
    return f"{text[: count - count // 2]} … {text[len(text) - count // 2 :]}"
