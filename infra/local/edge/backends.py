"""Where the edge forwards to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra import edge_rules
from infra.routes import function_for

INFERENCE = "inference"


@dataclass(frozen=True)
class Backends:
    """The parts behind the edge; URLs have no trailing slash."""

    emulator: str
    inference: str
    rest_api_id: str
    rest_api_stage: str
    socket_api_id: str
    origin_secret: str
    web: Path

    def api(self, path: str) -> str:
        """The URL that answers this path of the API: the process that streams, or API Gateway for all others."""
        if function_for(path) == INFERENCE:
            return f"{self.inference}{path}"
        return f"{self.emulator}/_aws/execute-api/{self.rest_api_id}/{self.rest_api_stage}{path}"

    def socket(self, path: str) -> str:
        """The URL of the WebSocket API; its path is the stage."""
        return f"ws{self.emulator.removeprefix('http')}/_aws/execute-api/{self.socket_api_id}{path}"

    def viewer_headers(self, host: str, proto: str, address: str) -> dict[str, str]:
        """What functions believe about the viewer, with the secret that proves it comes from here."""
        return {**edge_rules.viewer_headers(host, proto, address), edge_rules.ORIGIN_VERIFY: self.origin_secret}
