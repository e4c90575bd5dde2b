"""From a file to chunks that can be found: the state machine, its functions, and what wakes them.

What is permanent a step returns, and its file has failed; what a step raises is tried again. The state has keys and
numbers only, never texts.
"""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra import names
from infra.acknowledge import acknowledge, wildcard_resource
from infra.build import Builder
from infra.constructs.domain_function import DomainFunction, log_group
from infra.constructs.layers import Layers
from infra.constructs.search_access import SearchAccess
from infra.functions import BY_NAME
from infra.stage import Stage

_FUNCTIONS = ("ingestion", "extract", "ocr")

# Step Functions runs 40 of an inline Map at once: https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html
_READ_AT_ONCE, _EMBEDDED_AT_ONCE = 8, 4
_LOCAL_AT_ONCE = 2
_TRIES, _BUSY_TRIES = 5, 8
# Lambda's trouble, not the file's: https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
_BUSY = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]
_LONGEST = Duration.hours(6)


class IngestionStack(Stack):
    """The drop folder's events come from the bucket by way of EventBridge's default bus, which costs nothing."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, builder: Builder, socket_api_id: str
    ) -> None:
        super().__init__(scope, construct_id, description=f"Cirrus {stage.name}: ingestion of files")
        self._stage = stage
        dead_letters = sqs.Queue.from_queue_arn(
            self, "DeadLetters", self.format_arn(service="sqs", resource=names.named(stage, "dead-letters"))
        )
        layers = Layers(self, stage=stage, builder=builder)
        made = {
            name: DomainFunction(
                self,
                stage=stage,
                spec=BY_NAME[name],
                builder=builder,
                layers=layers,
                socket_api_id=socket_api_id,
                dead_letters=dead_letters,
            )
            for name in _FUNCTIONS
        }
        self._functions = {name: each.function for name, each in made.items()}
        if SearchAccess.is_needed(stage):
            searching = [each.role for name, each in made.items() if BY_NAME[name].search]
            SearchAccess(self, stage=stage, part="ingestion", roles=searching)
        self._machine()
        self._rules()

    def _machine(self) -> None:
        name = names.named(self._stage, "ingestion")
        group = log_group(self, "MachineLog", self._stage, f"/aws/vendedlogs/states/{name}")
        machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_chainable(self._definition()),
            timeout=_LONGEST,
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=group, level=sfn.LogLevel.ERROR, include_execution_data=False),
        )
        functions = {
            wildcard_resource(self, f"{function.function_arn}:*"): _VERSIONS for function in self._functions.values()
        }
        acknowledge(machine, {"SF1": _LOGGED, "IAM5[Resource::*]": _DELIVERY, **functions})

    def _definition(self) -> sfn.IChainable:
        give_up = self._step("GiveUp", "give_up")
        read, embed = self._read(), self._embed()
        prepare, index, finish = self._step("Prepare"), self._step("Index"), self._step("Finish")
        identify = self._step("Identify")
        for task in (identify, prepare, index):
            task.add_catch(give_up, result_path="$.error")
        for each in (read, embed):
            each.add_catch(give_up, result_path="$.error")
        unfinished = _present("$.cursor")
        index.next(sfn.Choice(self, "All written?").when(unfinished, index).otherwise(finish))
        identify.next(prepare_or_read := sfn.Choice(self, "Anything to read?"))
        prepare_or_read.when(_present("$.work[0]"), read).otherwise(prepare)
        read.next(prepare)
        prepare.next(
            sfn.Choice(self, "What next?")
            .when(_present("$.work[0]"), read)
            .when(_present("$.embed[0]"), embed)
            .otherwise(index)
        )
        embed.next(index)
        return identify

    def _step(self, name: str, step: str = "") -> tasks.LambdaInvoke:
        """A step of the whole batch, whose answer is the new state."""
        payload = {"step": step or name.lower(), "state": sfn.JsonPath.entire_payload}
        return self._invoke(name, "ingestion", payload)

    def _read(self) -> sfn.Map:
        """Reads what there is to read, by functions that may do nothing but what their URLs let them.

        Services that an admin chose to read files are called by `ingestion`: they need the network and their keys.
        """
        who = sfn.Choice(self, "Who reads?")
        ends = _ended(self, "Read later", "busy"), _crashed(self, "Unreadable")
        hand_out = _caught(self._piece("HandOut", "hand_out"), *ends)
        hand_out.next(who)
        extract, ocr, engine = (
            _caught(self._invoke(name, function, tries=2), *ends)
            for name, function in (("Extract", "extract"), ("Ocr", "ocr"), ("Engine", "ingestion"))
        )
        gone = _ended(self, "Not wanted any more", "gone")
        for task, reads in (("extract", extract), ("ocr", ocr), ("none", gone)):
            who.when(sfn.Condition.string_equals("$.task", task), reads)
        who.otherwise(engine)
        return self._each("Read", "$.work", _READ_AT_ONCE, hand_out)

    def _embed(self) -> sfn.Map:
        ends = _ended(self, "Embed later", "busy"), _crashed(self, "Not embedded")
        return self._each("Embeddings", "$.embed", _EMBEDDED_AT_ONCE, _caught(self._piece("Embed", "embed"), *ends))

    def _piece(self, name: str, step: str) -> tasks.LambdaInvoke:
        """A step for one item of a map."""
        payload = {
            "step": step,
            "item": sfn.JsonPath.object_at("$.item"),
            "state": {"batch": sfn.JsonPath.string_at("$.batch"), "files": sfn.JsonPath.object_at("$.files")},
        }
        return self._invoke(name, "ingestion", payload)

    def _each(self, name: str, items: str, at_once: int, processor: sfn.IChainable) -> sfn.Map:
        """Each of the items, with the batch and its files."""
        each = sfn.Map(
            self,
            name,
            items_path=items,
            item_selector={
                "item": sfn.JsonPath.object_at("$$.Map.Item.Value"),
                "batch": sfn.JsonPath.string_at("$.batch"),
                "files": sfn.JsonPath.object_at("$.files"),
            },
            result_path="$.results",
            max_concurrency=self._at_once(at_once),
        )
        each.item_processor(processor)
        return each

    def _invoke(
        self,
        name: str,
        function: str,
        payload: dict[str, Any] | None = None,
        *,
        tries: int = _TRIES,
    ) -> tasks.LambdaInvoke:
        invoke = tasks.LambdaInvoke(
            self,
            name,
            lambda_function=self._functions[function],
            payload=sfn.TaskInput.from_object(payload) if payload else None,
            payload_response_only=True,
            retry_on_service_exceptions=False,
        )
        for errors, attempts in ((_BUSY, _BUSY_TRIES), ([sfn.Errors.ALL], tries)):
            invoke.add_retry(
                errors=errors,
                interval=Duration.seconds(2),
                backoff_rate=2,
                max_attempts=attempts,
                max_delay=Duration.minutes(1),
                jitter_strategy=sfn.JitterType.FULL,
            )
        return invoke

    def _at_once(self, number: int) -> int:
        return _LOCAL_AT_ONCE if self._stage.is_local else number

    def _rules(self) -> None:
        ingestion = self._functions["ingestion"]
        events.Rule(
            self,
            "DropFolder",
            description="What comes to, changes in and goes from the drop folder",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created", "Object Deleted"],
                detail={
                    "bucket": {"name": [names.files_bucket(self._stage)]},
                    "object": {"key": events.Match.prefix("drop/")},
                },
            ),
            targets=[targets.LambdaFunction(ingestion)],
        )
        events.Rule(
            self,
            "Sweep",
            description="Takes up files that got stuck, and deletions that something interrupted",
            schedule=events.Schedule.rate(Duration.minutes(5)),
            targets=[targets.LambdaFunction(ingestion, retry_attempts=0)],
        )
        events.Rule(
            self,
            "Broken",
            description="Takes up the files of an execution that was stopped or ran out of time",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [names.state_machine(self._stage, "ingestion")],
                },
            ),
            targets=[targets.LambdaFunction(ingestion, retry_attempts=0)],
        )


def _present(path: str) -> sfn.Condition:
    return sfn.Condition.is_present(path)


def _crashed(scope: Construct, name: str) -> sfn.Pass:
    """What a piece of work comes to whose function did not answer, however often it was asked."""
    return sfn.Pass(scope, name, parameters={"status": "crashed", "error": sfn.JsonPath.string_at("$.error.Error")})


def _ended(scope: Construct, name: str, status: str) -> sfn.Pass:
    """What a piece of work comes to that nobody has looked at."""
    return sfn.Pass(scope, name, parameters={"status": status})


def _caught(invoke: tasks.LambdaInvoke, busy: sfn.Pass, crashed: sfn.Pass) -> tasks.LambdaInvoke:
    """The task, whose troubles are no others'."""
    invoke.add_catch(busy, errors=_BUSY, result_path="$.error")
    invoke.add_catch(crashed, result_path="$.error")
    return invoke


_VERSIONS = "Step Functions is allowed any version of the function, as CDK grants an invocation."
_LOGGED = "Failures are logged, by id; every transition of every file would cost more than carrying it out."
_DELIVERY = "X-Ray's and the log delivery's actions know no resources."
