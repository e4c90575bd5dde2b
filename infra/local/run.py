"""One run: prepare, start, deploy, serve, watch, stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from infra.local import aws, deploy, models, parts, seed
from infra.local.bootstrap import BIN
from infra.local.children import Child
from infra.local.edge.backends import INFERENCE, Backends
from infra.local.emulator_process import emulator, save
from infra.local.errors import LocalError
from infra.local.opensearch.node import node as opensearch
from infra.local.ports import HOST, is_free
from infra.local.state import Endpoints, State
from infra.local.web_build import web_folder
from infra.routes import API_STAGE, SOCKET_STAGE
from shared.storage.schema import TABLES, table_name

STAGE = "local"
WATCH_INTERVAL = 0.2  # seconds between looks at the children
# What was being ingested died with the emulator, and what was dropped since may be known to the bucket only.
RESTARTED = {"task": "sweep", "at_once": True}
READY = "Cirrus is ready at"
FIRST_ASKED = ("platform", "accounts", "realtime", "chats", "generate", "greeter")
"""The functions that the first page and the first answer wait for."""


@dataclass(frozen=True)
class Options:
    """What a run can be told."""

    state: Path
    port: int = 8080
    """0 takes a free one."""
    auth: bool = False
    """Evaluate IAM policies."""
    demo: bool = False
    """Offer the demo model whatever else there is."""
    while_process: int | None = None
    """End by itself when this process has ended."""
    search: str = "embedded"
    """Where chunks of files are indexed: in files (embedded), or on a node of this machine (opensearch)."""
    model_hub: str = ""
    """Where local models come from; empty: Hugging Face."""
    web: Path | None = None
    """The folder of the built web app; None builds it when its sources changed."""


class Stopped(Exception):
    """The run was told to stop while it was starting."""


class Run:
    """The local stack of one state directory."""

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        self._options = options
        self._say = say
        self._state = State(options.state)
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Have the run end; a signal handler may call this."""
        self._stopping.set()

    def serve(self) -> None:
        """Start everything and watch it until told to stop; raises LocalError when something cannot be done."""
        started = time.monotonic()
        self._state.acquire()
        try:
            port = self._options.port or self._state.kept_port("edge")
            if not is_free(port):
                raise LocalError(f"Port {port} is in use: choose another one, as in 'make run PORT={port + 1}'.")
            url = f"http://{HOST}:{port}"
            self._state.describe(url)
            self._start(port, url)
            self._say(f"{READY} {url}  ({time.monotonic() - started:.1f} s; Ctrl-C stops it)")
            self._watch()
        except Stopped:
            return
        finally:
            for child in reversed(self._children):
                child.stop()
            self._state.release()

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except LocalError:
            if self._stopping.is_set():  # Ctrl-C reached the tool that this step was waiting for
                raise Stopped from None
            raise
        self._say(f"  {name:<30} {time.monotonic() - started:6.1f} s")
        if self._stopping.is_set():
            raise Stopped

    def _add(self, child: Child) -> Child:
        self._children.append(child)
        child.start()
        return child

    def _start(self, port: int, url: str) -> None:
        state = self._state
        # Built while the stacks are deployed: each leaves a processor idle for long.
        with ThreadPoolExecutor(1) as builder:
            building = builder.submit(lambda: self._options.web or web_folder(state.log("web")))
            self._start_parts(port, url, building)

    def _start_parts(self, port: int, url: str, building: Future[Path]) -> None:
        state = self._state
        emulator_port = state.kept_port("emulator", frozenset({port}))
        emulator_url = f"http://{HOST}:{emulator_port}"
        with self._step("emulator"):
            first = tuple(f"cirrus-{STAGE}-{name}" for name in FIRST_ASKED)
            log = state.log("emulator")
            cloud = emulator(emulator_port, state.emulator, log, auth=self._options.auth, warm_first=first)
            self._add(cloud)
        taken = frozenset({port, emulator_port})
        given = {**self._index(taken), "model_hub": self._options.model_hub}
        deployment = self._deploy(cloud, deploy.context(emulator_url, url, state.origin_secret(), given), emulator_url)
        outputs, configuration = deployment.outputs(), deployment.function(f"cirrus-{STAGE}-{INFERENCE}")
        deployed: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
        with self._step("models"):
            servers = self._model_servers(taken)
            seed.run(servers, self._environment(emulator_url) | deployed, state.log("seed"))
        with self._step("inference"):
            aws.write_role_profile(state.aws_config, INFERENCE, configuration["Role"])
            inference_port = state.kept_port(INFERENCE, taken)
            environment = self._environment(emulator_url, profile=INFERENCE) | deployed
            self._add(parts.inference(inference_port, environment, state.log(INFERENCE)))
        with self._step("web app"):
            web = building.result()
        backends = Backends(
            emulator=emulator_url,
            inference=f"http://{HOST}:{inference_port}",
            rest_api_id=outputs["RestApiId"],
            rest_api_stage=API_STAGE,
            socket_api_id=outputs["SocketApiId"],
            origin_secret=state.origin_secret(),
            web=web,
        )
        with self._step("edge"):
            self._add(parts.edge(port, backends, state.root / "edge.json", state.log("edge")))
        cloud.signal(signal.SIGUSR2)  # warms the functions up while the person opens the browser
        aws.wake(emulator_url, f"cirrus-{STAGE}-ingestion", RESTARTED)
        self._publish(url, backends, deployed["FILES_BUCKET"])

    def _index(self, taken: frozenset[int]) -> dict[str, str]:
        """Where chunks of files are indexed, as the stage is told."""
        if self._options.search == "embedded":
            return {"search_folder": str(self._state.index)}
        with self._step("OpenSearch"):
            port = self._state.kept_port("opensearch", taken)
            self._add(opensearch(port, self._state.opensearch, self._state.log("opensearch")))
        return {"search": "opensearch", "search_endpoint": f"http://{HOST}:{port}"}

    def _deploy(self, cloud: Child, context: dict[str, str], emulator_url: str) -> deploy.Deployment:
        state = self._state
        root = self._environment(emulator_url)
        deployment = deploy.Deployment(emulator_url, root, state.assembly, state.deployed, state.log("deploy"))
        digest = deploy.inputs_digest(context)
        if deployment.is_current(digest):
            self._say("  stacks are unchanged")
            return deployment
        with self._step("CDK bootstrap"):
            deployment.bootstrap()
        with self._step("build and deploy the stacks"):
            deployment.deploy(context)
            save(cloud, state.emulator)
            deployment.note(digest)
        return deployment

    def _environment(self, emulator_url: str, profile: str = "") -> dict[str, str]:
        environment = aws.environment(emulator_url, self._state.aws_config, profile=profile)
        path = os.pathsep.join([str(BIN), str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
        return environment | {"PATH": path}

    def _model_servers(self, taken: frozenset[int]) -> list[models.ModelServer]:
        found = [] if self._options.demo else models.discover(os.environ)
        if found:
            return found
        port = self._state.kept_port("demo", taken)
        self._add(parts.demo_model(port, self._state.log("demo")))
        return [models.ModelServer("openai", f"http://{HOST}:{port}/v1", demo=True)]

    def _publish(self, url: str, backends: Backends, bucket: str) -> None:
        self._state.write_endpoints(
            Endpoints(
                pid=os.getpid(),
                url=url,
                emulator_url=backends.emulator,
                inference_url=backends.inference,
                rest_api_id=backends.rest_api_id,
                rest_api_stage=backends.rest_api_stage,
                socket_api_id=backends.socket_api_id,
                socket_stage=SOCKET_STAGE,
                origin_secret=backends.origin_secret,
                tables={schema.name: table_name(STAGE, schema) for schema in TABLES},
                files_bucket=bucket,
                processes=self._processes(),
            )
        )

    def _watch(self) -> None:
        owner = self._options.while_process
        while not self._stopping.wait(WATCH_INTERVAL):
            if owner is not None and not is_running(owner):
                return
            for child in self._children:
                if child.has_died():
                    self._say(f"The {child.name} ended unexpectedly; starting it again.")
                    child.restart()
                    if child.name == "emulator":
                        self._after_emulator(child)
                    self._renew_processes()

    def _after_emulator(self, cloud: Child) -> None:
        """A new emulator may not know the credentials of ``inference``, and has no function started."""
        for child in self._children:
            if child.name == INFERENCE:
                child.stop()
                child.start()
        cloud.signal(signal.SIGUSR2)
        if (endpoints := self._state.read_endpoints()) is not None:
            aws.wake(endpoints.emulator_url, f"cirrus-{STAGE}-ingestion", RESTARTED)

    def _renew_processes(self) -> None:
        endpoints = self._state.read_endpoints()
        if endpoints is not None:
            self._state.write_endpoints(replace(endpoints, processes=self._processes()))

    def _processes(self) -> dict[str, int]:
        return {child.name: child.pid for child in self._children}


def is_running(pid: int) -> bool:
    """Whether there is a process with this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
