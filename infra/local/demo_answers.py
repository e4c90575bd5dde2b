"""What the demo model says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

INTRODUCTION = """\
**This is the built-in demo model.** It is not an AI: it writes this prepared text, so that you can see how answers \
look while they stream in.

You wrote:

{quoted}

### What an answer can show

A list, with some *emphasis* and `inline code`:

1. Text appears as it is written, and stays when you reload the page.
2. You can stop an answer, edit your question, or ask for another answer.
3. Everything runs on this machine; nothing was sent anywhere.

Code, with a copy button:

```python
def fibonacci(count: int) -> list[int]:
    \"\"\"The first numbers of the Fibonacci sequence.\"\"\"
    numbers = [0, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:count]
```

A table:

| Part | On AWS | On this machine |
| --- | --- | --- |
| Functions | Lambda | the emulator |
| Data | DynamoDB and S3 | the emulator |
| Models | Bedrock, or any OpenAI-compatible server | this demo, until you connect one |

And a formula:

$$
\\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi}
$$

"""

CONNECT = """\
### Connect a real model

- **Ollama:** install it, run `ollama pull llama3.2`, then start Cirrus again, which finds Ollama by itself.
- **An OpenAI-compatible server:** stop Cirrus and start it with its address and key:

  ```sh
  OPENAI_API_BASE_URL=https://api.openai.com/v1 OPENAI_API_KEY=sk-… make run
  ```

- **In the app:** an administrator adds one under *Settings → Admin → Connections*.
"""

_TITLE = re.compile(r"\btitle\b", re.IGNORECASE)
_FOLLOW_UPS = re.compile(r"follow[-_ ]?ups?\b", re.IGNORECASE)
_TAGS = re.compile(r"\btags\b", re.IGNORECASE)
_TASK = re.compile(
    r"^###? Task:|\bnothing but JSON\b|\bJSON\b.*\b(title|follow|tags)"
    r"|\b(generate|create|write|suggest)\b.{0,60}\btitle\b",
    re.I | re.S,
)
_QUERIES = re.compile(r"\bquer(y|ies)\b", re.IGNORECASE)
_PIECE = re.compile(r"\s*\S+|\s+$")


def answer(messages: Sequence[dict[str, object]]) -> str:
    """The answer to a conversation: to a task (title, follow-ups, tags, queries) its result, otherwise the demo."""
    asked = _text_of(messages[-1]) if messages else ""
    instructions = " ".join(_text_of(message) for message in messages if message.get("role") == "system")
    if _TASK.search(asked) or _TASK.search(instructions):
        return _task(f"{instructions}\n{asked}", messages)
    quoted = "\n".join(f"> {line}" for line in _shortened(asked or "(nothing)", 400).splitlines())
    return INTRODUCTION.replace("{quoted}", quoted) + CONNECT


def pieces(text: str) -> Iterator[str]:
    """The text in pieces of about a word, as a model would stream it."""
    for match in _PIECE.finditer(text):
        yield match.group()


def count_tokens(text: str) -> int:
    """About as many tokens as a model would count: one for each piece."""
    return sum(1 for _ in pieces(text))


def _task(prompt: str, messages: Sequence[dict[str, object]]) -> str:
    as_json = "json" in prompt.lower()
    if _FOLLOW_UPS.search(prompt):
        return json.dumps({"follow_ups": ["How do I connect a real model?", "Where is my data kept?"]})
    if _TITLE.search(prompt):
        title = _title(messages)
        return json.dumps({"title": title}, ensure_ascii=False) if as_json else title
    if _TAGS.search(prompt):
        return json.dumps({"tags": ["Demo"]})
    if _QUERIES.search(prompt):
        return json.dumps({"queries": []})
    return "{}" if as_json else "This is the demo model."


def _title(messages: Sequence[dict[str, object]]) -> str:
    """The first words that the person wrote."""
    text = _text_of(messages[-1]) if messages else ""
    found = re.search(r"(?:USER|user|Question|Message)\s*:\s*(.+)", text)
    first = next((_text_of(message) for message in messages[:-1] if message.get("role") == "user"), "")
    words = (found.group(1) if found else first or text).split()
    return _shortened(" ".join(words[:6]).strip("\"'.,:;") or "New chat", 50)


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _text_of(message: dict[str, object]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict) and part.get("text"))
    return ""
