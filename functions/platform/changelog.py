"""What each release brought, newest first."""

from functions.platform.models import Change, Release

RELEASES: dict[str, Release] = {
    "0.1.0": Release(
        date="2026-11-21",
        added=[
            Change(title="Chat", content="Watch the answer stream in; it goes on when the tab is closed."),
            Change(title="Models", content="Connect any OpenAI-compatible server or Ollama."),
            Change(title="Accounts", content="Roles, API keys, and sessions that end at once when you sign out."),
        ],
    )
}
