"""What a role may do."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam


@dataclass(frozen=True)
class Grant:
    """Actions on resources. `reason` says why a resource has a wildcard; without one none has."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str = ""

    @property
    def statement(self) -> iam.PolicyStatement:
        """The policy statement of this grant."""
        return iam.PolicyStatement(actions=list(self.actions), resources=list(self.resources))


def allow(actions: tuple[str, ...], *resources: str, reason: str = "") -> Grant:
    """The grant of these actions on these resources."""
    return Grant(actions, resources, reason)
