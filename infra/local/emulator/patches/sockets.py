"""WebSocket APIs: what a route answers to its caller."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

Properties = dict[str, Any]


def provision_route_responses(_: argparse.Namespace) -> None:
    """Know ``AWS::ApiGatewayV2::RouteResponse``: MiniStack has its API but refuses it in a template."""

    def create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
        wanted = {"routeResponseKey": properties.get("RouteResponseKey", "$default")}
        status, _, body = apigateway._create_route_response(properties["ApiId"], _route(properties), wanted)
        if status >= 400:
            raise ValueError(body.decode() if isinstance(body, bytes) else body)
        return json.loads(body)["routeResponseId"], {}

    def delete(physical_id: str, properties: Properties) -> None:
        apigateway._delete_route_response(properties["ApiId"], _route(properties), physical_id)

    provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::RouteResponse"] = {"create": create, "delete": delete}


def _route(properties: Properties) -> str:
    return str(properties["RouteId"]).rsplit("/", 1)[-1]
