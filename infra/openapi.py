"""One OpenAPI document out of all functions' apps, with nothing running: `python -m infra.openapi`.

Each app is imported in a process of its own, as its function would import it, in an environment that names nothing
real. What was made is kept for as long as its sources stay as they are.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.functions import FUNCTIONS
from infra.routes import ROUTES
from infra.sources import ROOT, sources_digest

TITLE, VERSION = "Cirrus", "0.1.0"

Document = dict[str, Any]

# The libraries are imported once, each app in a copy of the process that has them.
_EXPORT = """
import importlib, json, os, sys
import boto3, fastapi, mangum, pynamodb.models
folder, *domains = sys.argv[1:]
children = {}
for domain in domains:
    if child := os.fork():
        children[child] = domain
        continue
    app = importlib.import_module(f"functions.{domain}.handler").app
    app.openapi_url = "/openapi.json"
    with open(f"{folder}/{domain}.json", "w") as file:
        json.dump(app.openapi(), file, sort_keys=True)
    sys.exit()
failed = [domain for child, domain in children.items() if os.waitpid(child, 0)[1]]
sys.exit(f"These apps do not import: {', '.join(failed)}" if failed else 0)
"""

_ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_EC2_METADATA_DISABLED": "true",
    "STAGE": "local",
    "POWERTOOLS_TRACE_DISABLED": "true",
}


class DocumentError(RuntimeError):
    """A function's document cannot be made or merged; the message says which and why."""


def domains() -> list[str]:
    """The functions that answer REST routes."""
    answering = {route.function for route in ROUTES}
    return [spec.name for spec in FUNCTIONS if spec.name in answering]


def documents() -> dict[str, Document]:
    """The OpenAPI document of each function's app."""
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ} | _ENVIRONMENT
    with tempfile.TemporaryDirectory(prefix="cirrus-openapi-") as folder:
        command = [sys.executable, "-c", _EXPORT, folder, *domains()]
        result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise DocumentError(result.stderr.strip())
        return {domain: json.loads(Path(folder, f"{domain}.json").read_text()) for domain in domains()}


def merge(documents: dict[str, Document]) -> Document:
    """One document of all domains'.

    A component that two of them define differently keeps its name in the first and gets the domain's name before it in
    the others. A path and method that two of them have raises `DocumentError`.
    """
    merged: Document = {"openapi": "3.1.0", "info": {"title": TITLE, "version": VERSION}, "paths": {}, "components": {}}
    for domain, document in documents.items():
        merged["openapi"] = document.get("openapi", merged["openapi"])
        renamed = _renames(domain, document.get("components", {}), merged["components"])
        text = json.dumps(document)
        for old, new in renamed.items():
            text = text.replace(f'"#/components/{old}"', f'"#/components/{new}"')
        renamed_document: Document = json.loads(text)
        for kind, components in renamed_document.get("components", {}).items():
            for name, component in components.items():
                target = renamed.get(f"{kind}/{name}", f"{kind}/{name}").split("/", 1)[1]
                merged["components"].setdefault(kind, {})[target] = component
        for path, methods in renamed_document.get("paths", {}).items():
            existing = merged["paths"].setdefault(path, {})
            if clash := existing.keys() & methods.keys():
                raise DocumentError(f"{domain} and another function both have {', '.join(sorted(clash))} {path}")
            existing.update(methods)
    _unique_operations(merged["paths"])
    return merged


def _renames(domain: str, components: Document, merged: Document) -> dict[str, str]:
    """What to call the components of `domain` whose names are taken by different ones.

    To a fixed point, since a component that refers to a renamed one differs too.
    """
    renamed: dict[str, str] = {}
    while True:
        text = json.dumps(components)
        for old, new in renamed.items():
            text = text.replace(f'"#/components/{old}"', f'"#/components/{new}"')
        more = {
            f"{kind}/{name}": f"{kind}/{domain.capitalize()}{name}"
            for kind, named in json.loads(text).items()
            for name, component in named.items()
            if f"{kind}/{name}" not in renamed and merged.get(kind, {}).get(name, component) != component
        }
        if not more:
            return renamed
        renamed |= more


def _unique_operations(paths: Document) -> None:
    seen: set[str] = set()
    for path, methods in paths.items():
        for method, operation in methods.items():
            name = operation.get("operationId") if isinstance(operation, dict) else None
            if name in seen:
                operation["operationId"] = re.sub(r"\W+", "_", f"{name}_{method}_{path}").strip("_")
            if name:
                seen.add(operation["operationId"])


def write_openapi(target: Path) -> Path:
    """Writes the merged document, the same bytes for the same sources, and returns where."""
    digest = sources_digest(("functions", "shared"), ("infra/openapi.py", "infra/routes.py", "uv.lock"))
    note = target.with_suffix(".digest")
    if target.is_file() and note.is_file() and note.read_text() == digest:
        return target
    merged = merge(documents())
    text = json.dumps(merged, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_file() or target.read_text() != text:
        target.write_text(text)
    note.write_text(digest)
    return target


def main() -> int:
    """Writes build/openapi.json."""
    try:
        target = write_openapi(ROOT / "build" / "openapi.json")
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 1
    paths = json.loads(target.read_text())["paths"]
    print(f"{target.relative_to(ROOT)}: {sum(len(methods) for methods in paths.values())} operations")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
