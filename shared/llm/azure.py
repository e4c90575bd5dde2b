"""Azure OpenAI: OpenAI's API by deployment, with an API version, a key header of its own, or Entra ID's tokens."""

import time
from dataclasses import dataclass

import httpx2

from shared.llm.errors import ProviderError, Trouble, from_status, quoted, unreachable
from shared.llm.openai_compatible import Endpoint, OpenAICompatible
from shared.llm.provider import UpstreamModel

DEFAULT_VERSION = "2024-10-21"
# The last version in which a resource lists its deployments to the holder of a key.
LISTING_VERSION = "2023-03-15-preview"
TOKEN_URL = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"  # noqa: S105
SCOPE = "https://cognitiveservices.azure.com/.default"
EARLY_SECONDS = 300


@dataclass(frozen=True)
class Application:
    """An application registered with Entra ID; its secret is the key of the connection."""

    tenant: str
    client: str


class Azure(OpenAICompatible):
    """The deployments of one Azure OpenAI resource; a model's id is the name of its deployment.

    An address that ends in /openai/v1 is the API without deployments and versions in its paths.
    https://learn.microsoft.com/azure/ai-foundry/openai/reference
    """

    def __init__(
        self,
        endpoint: Endpoint,
        version: str | None = None,
        application: Application | None = None,
        client: httpx2.AsyncClient | None = None,
    ) -> None:
        super().__init__(endpoint, client)
        self._plain = endpoint.url.endswith("/openai/v1")
        self._version, self._application = version or DEFAULT_VERSION, application
        self._token, self._token_until = "", 0.0

    async def models(self) -> list[UpstreamModel]:
        """The deployments where the resource lists them, otherwise none: an admin names them in the connection."""
        if self._plain:
            return await super().models()
        try:
            listed = await self._listed("deployments", LISTING_VERSION)
        except ProviderError as error:
            if error.trouble is not Trouble.MODEL:
                raise
            await self._listed("models", self._version)  # shows at least that address and key are right
            return []
        return [
            UpstreamModel(str(entry["id"]), str(entry["id"]), {**entry, "object": "model"})
            for entry in listed
            if entry.get("id") and entry.get("status", "succeeded") == "succeeded"
        ]

    async def headers(self) -> dict[str, str]:
        """The key in Azure's header, or a token of the application."""
        if self._application:
            return {"authorization": f"Bearer {await self._bearer(self._application)}", **self.endpoint.headers}
        return {**({"api-key": self.endpoint.key} if self.endpoint.key else {}), **self.endpoint.headers}

    def base_url(self, model: str = "") -> str:
        """The address of a deployment, or of the resource."""
        if self._plain:
            return self.endpoint.url
        return f"{self.endpoint.url}/openai/deployments/{model}" if model else f"{self.endpoint.url}/openai"

    @property
    def query(self) -> dict[str, str]:
        """The API version."""
        return {} if self._plain else {"api-version": self._version}

    async def _listed(self, path: str, version: str) -> list[dict[str, object]]:
        try:
            answer = await self.client.get(
                f"{self.base_url()}/{path}", params={"api-version": version}, headers=await self.headers()
            )
        except httpx2.TransportError as error:
            raise unreachable(self.host) from error
        if answer.is_error:
            raise from_status(self.host, answer.status_code, _words(answer))
        listed = _json(answer).get("data")
        return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []

    async def _bearer(self, application: Application) -> str:
        """The application's token, kept until shortly before it ends (client credentials, RFC 6749 section 4.4)."""
        if time.monotonic() < self._token_until:
            return self._token
        form = {
            "grant_type": "client_credentials",
            "client_id": application.client,
            "client_secret": self.endpoint.key,
            "scope": SCOPE,
        }
        try:
            answer = await self.client.post(TOKEN_URL.format(tenant=application.tenant), data=form)
        except httpx2.TransportError as error:
            raise unreachable("login.microsoftonline.com") from error
        granted = _json(answer)
        token = granted.get("access_token")
        if not isinstance(token, str):
            said = quoted(str(granted.get("error_description") or ""))
            raise ProviderError(
                Trouble.KEY, f"Entra ID gives this application no token. Check its tenant, id and secret.{said}"
            )
        lifetime = granted.get("expires_in")
        seconds = lifetime if isinstance(lifetime, int) else 0
        self._token, self._token_until = token, time.monotonic() + seconds - EARLY_SECONDS
        return token


def _json(answer: httpx2.Response) -> dict[str, object]:
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(answer: httpx2.Response) -> str:
    error = _json(answer).get("error")
    return str(error.get("message") or "") if isinstance(error, dict) else ""
