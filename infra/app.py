"""Composes the stacks of one stage. The CDK CLI runs this: `python -m infra.app`."""

from aws_cdk import App, Tags

from infra.build import AssetBuilder, Builder
from infra.stacks.api import ApiStack
from infra.stacks.data import DataStack
from infra.stacks.ingestion import IngestionStack
from infra.stacks.observability import ObservabilityStack
from infra.stacks.realtime import RealtimeStack
from infra.stacks.search import SearchStack
from infra.stacks.web import WebStack
from infra.stage import Stage, stage_from_context


def compose(app: App, stage: Stage, builder: Builder) -> None:
    """Adds the stacks of `stage` to `app`, in the order in which they deploy."""
    prefix = f"cirrus-{stage.name}"
    data = DataStack(app, f"{prefix}-data", stage=stage)
    realtime = RealtimeStack(app, f"{prefix}-realtime", stage=stage, builder=builder)
    api = ApiStack(
        app,
        f"{prefix}-api",
        stage=stage,
        builder=builder,
        socket_api_id=realtime.socket_api_id,
        chats_stream=data.streams["chats"],
    )
    ingestion = IngestionStack(
        app, f"{prefix}-ingestion", stage=stage, builder=builder, socket_api_id=realtime.socket_api_id
    )
    realtime.add_stack_dependency(data)
    if SearchStack.is_needed(stage):
        search = SearchStack(app, f"{prefix}-search", stage=stage)
        api.add_stack_dependency(search)
        ingestion.add_stack_dependency(search)
    ingestion.add_stack_dependency(realtime)
    api.add_stack_dependency(realtime)
    if not stage.is_local:
        web = WebStack(
            app,
            f"{prefix}-web",
            stage=stage,
            builder=builder,
            rest_api=api.told_api_id,
            socket_api_id=realtime.socket_api_id,
        )
        web.add_stack_dependency(api)
        observability = ObservabilityStack(app, f"{prefix}-observability", stage=stage)
        observability.add_stack_dependency(api)
        observability.add_stack_dependency(ingestion)
    Tags.of(app).add("app", "cirrus")
    Tags.of(app).add("stage", stage.name)


def main() -> None:
    """Synthesises the stage that the context names."""
    app = App()
    stage = stage_from_context(app.node)
    builder = AssetBuilder(stage)
    builder.build_all()
    compose(app, stage, builder)
    app.synth()


if __name__ == "__main__":
    main()
