"""What each release brought, newest first."""

from html import escape

from functions.platform.models import Change, Release


def _change(title: str, content: str) -> Change:
    return Change(title=title, content=content, raw=f"<li><strong>{escape(title)}</strong>: {escape(content)}</li>")


RELEASES: dict[str, Release] = {
    "0.1.0": Release(
        date="2026-11-21",
        added=[
            _change("Chat", "Watch the answer stream in; it goes on when the tab is closed."),
            _change("Models", "Connect any OpenAI-compatible server or Ollama."),
            _change("Accounts", "Roles, API keys, and sessions that end at once when you sign out."),
        ],
    )
}
