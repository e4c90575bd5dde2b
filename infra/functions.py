"""Every function of a stage and all it may do. To correct a grant, correct it here.

The constructs grant exactly this, and the tests compare the templates with it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Layer = Literal["base", "documents", "extract", "llm", "ocr", "onnx", "pages", "search", "splitting"]

WITHOUT_BASE: frozenset[Layer] = frozenset({"extract", "ocr"})
"""Layers of functions that do without `base`: they need nothing of it, and there would be no room within 250 MB."""


class Table(StrEnum):
    """What a function does with a table, as the actions its role gets (`READ`/`WRITE`)."""

    READ = "read"
    WRITE = "write"


READ_ACTIONS = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
WRITE_ACTIONS = (
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)

STREAM_ACTIONS = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)

FILES_READ_ACTIONS = ("s3:GetObject",)
FILES_WRITE_ACTIONS = ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject")
FILES_LIST_ACTION = "s3:ListBucket"
"""Without it S3 answers 403 in place of 404 for an object that is not there."""

BEDROCK_INVOKE_ACTIONS = ("bedrock:CountTokens", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
BEDROCK_LIST_ACTIONS = ("bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles")
MARKETPLACE_ACTIONS = ("aws-marketplace:Subscribe", "aws-marketplace:Unsubscribe", "aws-marketplace:ViewSubscriptions")
"""The first call of a third party's model subscribes the account to it, with the permissions of whoever calls."""

MOST_MEMORY = 3008
"""MB: what Lambda allows a function in a new account, 1.7 processors. AWS raises it when asked to."""

READ = frozenset({Table.READ})
READ_WRITE = frozenset({Table.READ, Table.WRITE})


@dataclass(frozen=True)
class FunctionSpec:
    """A function: how it runs and its permissions. Memory in MB, time-outs in seconds."""

    name: str
    handler: str = ""
    domain: str = ""
    memory: int = 1024
    timeout: int = 29
    layers: tuple[Layer, ...] = ("base",)
    tables: dict[str, frozenset[Table]] = field(default_factory=dict)
    files: frozenset[Table] = frozenset()
    secret: bool = False
    """Whether it verifies or issues tokens, or opens encrypted values: reads the stage's secret."""
    viewer: bool = False
    """Whether requests from CloudFront reach it: knows the origin secret."""
    invokes: tuple[str, ...] = ()
    sockets: bool = False
    """Whether it pushes to, or closes, WebSocket connections."""
    search: bool = False
    """Whether it finds, or indexes, chunks of files: uses the stage's index."""
    timers: bool = False
    """Whether it sends delayed messages to the timers queue."""
    machine: bool = False
    """Whether it starts, and watches over, executions of the ingestion's state machine."""
    bedrock: bool = False
    streams: bool = False
    """Whether it is a web server behind the Lambda Web Adapter, whose answers stream."""
    rearms: bool = False
    """Whether it calls itself, or sends to the queue that does, in bounded rounds: Lambda would stop that after 16."""
    asynchronous: bool = False
    """Whether it is invoked as an event: `retries`, then the dead-letter queue."""
    retries: int = 0
    """Without any, an event is given up after 60 s; with, it may wait for the six hours that Lambda keeps events."""
    follows: str = ""
    """The table whose stream invokes it."""
    disk: int = 512
    """MB below /tmp."""

    @property
    def entry(self) -> str:
        """The Lambda handler; of a function that streams, the script that starts its web server."""
        if self.streams:
            return f"functions/{self.code}/run.sh"
        return self.handler or f"functions.{self.code}.handler.handler"

    @property
    def code(self) -> str:
        """The folder below `functions/` that holds its code."""
        return self.domain or self.name


FUNCTIONS: tuple[FunctionSpec, ...] = (
    FunctionSpec(
        "accounts",
        memory=1769,  # one whole processor: argon2id takes 220 ms of it per sign-in
        tables={
            "accounts": READ_WRITE,
            "platform": READ_WRITE,
            "chats": READ_WRITE,
            "knowledge": READ_WRITE,
            "realtime": READ_WRITE,
            "workspace": READ_WRITE,
        },
        files=READ_WRITE,
        secret=True,
        viewer=True,
        invokes=("ingestion",),
        sockets=True,
    ),
    FunctionSpec(
        "chats",
        layers=("base", "search"),
        disk=2048,  # the search shards that it has read
        tables={
            "accounts": READ,
            "chats": READ_WRITE,
            "realtime": READ_WRITE,
            "knowledge": READ_WRITE,
            "platform": READ,
        },
        files=READ_WRITE,
        secret=True,
        viewer=True,
        sockets=True,
        timers=True,
        invokes=("chat_index",),
    ),
    FunctionSpec(
        # All changes of the chats table pass through it in order: what may take long it leaves to chat_index.
        "chat_changes",
        handler="functions.chat_index.changes.handler",
        domain="chat_index",
        memory=1769,  # one whole processor: a batch of 6 MB is indexed in seconds
        timeout=300,
        layers=("base", "search"),
        tables={"chats": READ},
        files=READ_WRITE,
        invokes=("chat_index",),
        follows="chats",
    ),
    FunctionSpec(
        "chat_index",
        memory=1769,
        timeout=900,
        layers=("base", "search"),
        tables={"chats": READ},
        files=READ_WRITE,
        invokes=("chat_index",),
        asynchronous=True,
        retries=2,
        rearms=True,  # a rebuild that does not end within 15 minutes goes on in the next invocation
    ),
    FunctionSpec(
        "workspace",
        memory=1769,  # one whole processor: 50,000 votes are taken from their copy and rated in 0.6 s of it
        tables={"accounts": READ, "knowledge": READ, "platform": READ_WRITE, "workspace": READ_WRITE},
        files=READ_WRITE,
        secret=True,
        viewer=True,
    ),
    FunctionSpec(
        "transfer",
        memory=1769,  # one whole processor: a PDF is typeset while somebody waits
        layers=("base", "documents"),
        tables={"accounts": READ, "chats": READ_WRITE, "platform": READ, "realtime": READ},
        files=READ_WRITE,
        secret=True,
        viewer=True,
        invokes=("courier",),
    ),
    FunctionSpec(
        # Carries imports and exports, as many minutes as they take.
        "courier",
        handler="functions.transfer.worker.handler",
        domain="transfer",
        memory=1769,
        timeout=900,
        tables={
            "accounts": READ,
            "chats": READ_WRITE,
            "knowledge": READ_WRITE,
            "realtime": READ_WRITE,
            "workspace": READ,
        },
        files=READ_WRITE,
        sockets=True,
        invokes=("courier",),
        asynchronous=True,
        rearms=True,  # what does not end within 15 minutes goes on in the next invocation, 200 times at most
    ),
    FunctionSpec(
        "knowledge",
        layers=("base", "llm", "pages", "search"),
        search=True,
        disk=2048,  # the shards of chunks that it has read
        tables={
            "accounts": READ,
            "knowledge": READ_WRITE,
            "platform": READ_WRITE,
            "chats": READ,
            "workspace": READ_WRITE,  # presets forget a knowledge base that is deleted
        },
        files=READ_WRITE,
        secret=True,
        viewer=True,
        invokes=("embedder", "extract", "ingestion"),  # extract: documents at addresses, read in passing
        bedrock=True,  # embedding models and rerankers
    ),
    FunctionSpec(
        # Steps of the state machine, what starts and watches it, the drop folder.
        "ingestion",
        timeout=900,
        layers=("base", "llm", "search", "splitting"),
        search=True,
        disk=2048,  # the shards of chunks that it has read
        tables={"accounts": READ, "knowledge": READ_WRITE, "platform": READ_WRITE, "realtime": READ_WRITE},
        files=READ_WRITE,
        secret=True,
        sockets=True,
        bedrock=True,
        machine=True,
        invokes=("embedder",),
        asynchronous=True,
        retries=2,
        rearms=True,  # each batch that ends starts the next one
    ),
    FunctionSpec(
        # Opens what strangers have made: it may do nothing but what the presigned URLs in its events allow.
        "extract",
        domain="extraction",
        memory=1769,  # one whole processor: 600 pages of a PDF take a second of it
        timeout=300,
        layers=("extract",),
        disk=4096,  # the file, at most 2 GB, and its text
    ),
    FunctionSpec(
        "ocr",
        handler="functions.extraction.ocr.handler",
        domain="extraction",
        memory=MOST_MEMORY,  # a page that is full of text takes 9 seconds of one processor
        timeout=900,
        layers=("ocr",),
        disk=4096,
    ),
    FunctionSpec(
        # Runs embedding models and rerankers of its own: called and waited for, and as an event to fetch one.
        "embedder",
        memory=MOST_MEMORY,  # 32 passages take a second of two processors
        timeout=900,
        layers=("base", "onnx"),
        disk=4096,  # the models that it has read
        tables={"platform": READ_WRITE},
        files=READ_WRITE,
        asynchronous=True,
    ),
    FunctionSpec(
        "platform",
        tables={"accounts": READ, "platform": READ_WRITE, "realtime": READ},
        secret=True,
        viewer=True,
    ),
    FunctionSpec(
        "inference",
        timeout=900,
        layers=("base", "llm", "pages", "search"),
        search=True,
        disk=2048,  # the shards of chunks that it has read
        tables={
            "accounts": READ,
            "chats": READ,
            "knowledge": READ_WRITE,
            "platform": READ_WRITE,
            "realtime": READ_WRITE,
            "workspace": READ,
        },
        files=READ_WRITE,
        secret=True,
        viewer=True,
        invokes=("generate", "pulls", "embedder", "extract"),
        timers=True,
        bedrock=True,
        streams=True,
    ),
    FunctionSpec(
        "generate",
        timeout=900,
        layers=("base", "llm", "pages", "search"),
        search=True,
        disk=2048,  # the shards of chunks that it has read
        tables={
            "chats": READ_WRITE,
            "realtime": READ_WRITE,
            "platform": READ_WRITE,
            "knowledge": READ_WRITE,  # the vectors of memories
            "workspace": READ,
        },
        files=READ_WRITE,
        secret=True,
        # generate: an answer that reaches the time limit goes on in another invocation
        invokes=("generate", "embedder", "extract"),
        sockets=True,
        bedrock=True,
        asynchronous=True,
    ),
    FunctionSpec(
        "pulls",
        memory=512,
        timeout=900,
        layers=("base", "llm"),
        tables={"platform": READ_WRITE, "realtime": READ_WRITE},
        files=READ_WRITE,  # a model's file is read, and deleted when the server has it
        secret=True,
        sockets=True,
        asynchronous=True,
    ),
    FunctionSpec(
        "realtime",
        memory=512,
        tables={"accounts": READ, "realtime": READ_WRITE},
        secret=True,
        viewer=True,
        invokes=("greeter",),
        sockets=True,
        timers=True,
    ),
    FunctionSpec(
        "greeter",
        handler="functions.realtime.greeter.handler",
        domain="realtime",
        memory=512,
        sockets=True,
        asynchronous=True,
    ),
    FunctionSpec(
        "timers",
        memory=512,
        timeout=60,
        tables={"chats": READ_WRITE, "realtime": READ_WRITE, "knowledge": READ_WRITE, "platform": READ_WRITE},
        files=READ_WRITE,
        sockets=True,
        timers=True,
        invokes=("pulls",),
        rearms=True,  # a watch is armed about 36 times in 15 minutes, and an answer may take eight times as long
    ),
)

BY_NAME = {spec.name: spec for spec in FUNCTIONS}
