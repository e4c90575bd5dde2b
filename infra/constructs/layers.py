"""The stage's Lambda layers, one construct per stack that has functions."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import names
from infra.build import Builder
from infra.functions import FunctionSpec, Layer
from infra.stage import Stage


class Layers(Construct):
    """Makes the layers that the functions of a stack use, each once and when first asked for."""

    def __init__(self, scope: Construct, *, stage: Stage, builder: Builder) -> None:
        super().__init__(scope, "Layers")
        self._stage, self._builder = stage, builder
        self._made: dict[Layer, lambda_.LayerVersion] = {}

    def of(self, spec: FunctionSpec) -> list[lambda_.ILayerVersion]:
        """The layer versions that `spec` runs with."""
        return [self._layer(name) for name in spec.layers]

    def _layer(self, name: Layer) -> lambda_.LayerVersion:
        if name not in self._made:
            self._made[name] = lambda_.LayerVersion(
                self,
                name.capitalize(),
                layer_version_name=names.named(self._stage, name),
                code=self._builder.layer(name),
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
                compatible_architectures=[lambda_.Architecture.ARM_64],
                removal_policy=RemovalPolicy.DESTROY,
            )
        return self._made[name]
