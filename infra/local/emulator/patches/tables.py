"""DynamoDB: time to live from a template."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners


def apply_time_to_live(_: argparse.Namespace) -> None:
    """Set the TimeToLiveSpecification that CloudFormation names, which MiniStack ignores."""

    def then_set(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
        @functools.wraps(provision)
        def provision_with_time_to_live(*arguments: Any, **named: Any) -> Any:
            result = provision(*arguments, **named)
            specification = (arguments[properties_at] or {}).get("TimeToLiveSpecification")
            if specification:
                enabled = str(specification.get("Enabled")).lower() == "true"
                name = result[0] if isinstance(result, tuple) else arguments[0]
                dynamodb._ttl_settings[name] = {
                    "TimeToLiveStatus": "ENABLED" if enabled else "DISABLED",
                    "AttributeName": specification.get("AttributeName"),
                }
            return result

        return provision_with_time_to_live

    for kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        handlers["create"] = then_set(handlers["create"], 1)
        handlers["update"] = then_set(handlers["update"], 2)
