"""What a role may do."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam


@dataclass(frozen=True)
class Grant:
    """Actions on resources. `reason` says why a resource has a wildcard; without one none has.

    `called_via` is the service that alone may do this, on behalf of the role.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str = ""
    called_via: str = ""

    @property
    def statement(self) -> iam.PolicyStatement:
        """The policy statement of this grant."""
        conditions = {"StringEquals": {"aws:CalledViaLast": self.called_via}} if self.called_via else None
        return iam.PolicyStatement(actions=list(self.actions), resources=list(self.resources), conditions=conditions)


def allow(actions: tuple[str, ...], *resources: str, reason: str = "", called_via: str = "") -> Grant:
    """The grant of these actions on these resources."""
    return Grant(actions, resources, reason, called_via)
