"""The stage switch `search`: what each kind adds, and what functions are told and may do for it."""

import json
from typing import Any

import pytest
from aws_cdk import App

from infra import search
from infra.cost import BUDGET, UnknownPrice, idle
from infra.functions import FUNCTIONS
from infra.stacks.search import SearchStack
from infra.stage import Stage, StageError, stage_from_context
from infra.synthesis import Resource, Synthesised, synthesise
from tests.infra.test_function_grants import as_list, statements_of, text

DOMAIN = "https://search-docs-abc.eu-west-1.es.amazonaws.com"
OTHER = "https://search.example.com:9200"
SEARCHING = {spec.name for spec in FUNCTIONS if spec.search}


@pytest.fixture(scope="module")
def stages() -> dict[str, Synthesised]:
    return {kind: synthesise("dev", check=True, search=kind) for kind in ("opensearch", "dynamodb", DOMAIN, OTHER)}


def told(stage: Synthesised, function: str) -> dict[str, Any]:
    """What a function is told of the index."""
    variables = stage.functions()[function]["Environment"]["Variables"]
    return {key: value for key, value in variables.items() if key.startswith("SEARCH_") or key == "VECTORS_TABLE"}


def granted(stage: Synthesised, function: str) -> set[tuple[str, str]]:
    """What a function may do beside what it may do in any stage."""
    return {
        (action, text(resource))
        for statement in statements_of(stage, function)
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def properties(stage: Synthesised, kind: str) -> list[Resource]:
    return [each["Properties"] for _, each in stage.resources(f"AWS::OpenSearchServerless::{kind}")]


@pytest.mark.parametrize("kind", ["opensearch", "dynamodb", DOMAIN, OTHER])
def test_every_kind_is_clean_and_costs_under_a_dollar_idle(stages: dict[str, Synthesised], kind: str) -> None:
    stage = stages[kind]
    assert stage.findings == []
    # The password of somebody else's domain is a secret of its own.
    assert sum(item.price for item in idle(stage.resources())) <= BUDGET + (0.40 if kind == OTHER else 0)
    assert {name for name in stage.functions() if told(stage, name)} == SEARCHING


def test_a_stage_searches_in_its_bucket_unless_told_otherwise(stage: Synthesised) -> None:
    assert "search" not in stage.templates
    for name in stage.functions():
        assert told(stage, name) == ({"SEARCH_BACKEND": "embedded"} if name in SEARCHING else {}), name


def test_the_collection_scales_to_zero_and_is_of_roles_that_search(stages: dict[str, Synthesised]) -> None:
    stage = stages["opensearch"]
    (group,) = properties(stage, "CollectionGroup")
    assert group["Generation"] == "NEXTGEN"
    assert {group["CapacityLimits"][f"Min{kind}CapacityInOcu"] for kind in ("Indexing", "Search")} == {0}
    (collection,) = properties(stage, "Collection")
    assert (collection["Type"], collection["CollectionGroupName"]) == ("VECTORSEARCH", group["Name"])
    assert len(collection["Name"]) <= 28
    policies = properties(stage, "AccessPolicy")
    roles = [
        part["Fn::GetAtt"][0] for each in policies for part in each["Policy"]["Fn::Join"][1] if "Fn::GetAtt" in part
    ]
    expected = [stage.functions()[name]["Role"]["Fn::GetAtt"][0] for name in SEARCHING]
    assert sorted(roles) == sorted(expected)
    for policy in policies:
        whole = text(policy["Policy"])
        assert '"collection/cirrus-dev-search"' in whole
        assert '"index/cirrus-dev-search/cirrus-*"' in whole
        assert "aoss:*" not in whole
    security = {each["Type"]: json.loads(each["Policy"]) for each in properties(stage, "SecurityPolicy")}
    assert security["encryption"]["AWSOwnedKey"] is True
    ((network),) = security["network"]
    assert [rule["ResourceType"] for rule in network["Rules"]] == ["collection"]


def test_functions_find_the_collection_by_parameters_and_sign(stages: dict[str, Synthesised]) -> None:
    assert told(stages["opensearch"], "knowledge") == {
        "SEARCH_BACKEND": "opensearch",
        "SEARCH_ENDPOINT": "{{resolve:ssm:/cirrus/dev/search-endpoint}}",
        "SEARCH_SIGN": "aoss",
        "SEARCH_ENGINE": "faiss",
    }
    assert ("aoss:APIAccessAll", "{{resolve:ssm:/cirrus/dev/search-arn}}") in granted(stages["opensearch"], "ingestion")
    assert not any(action.startswith("aoss:") for action, _ in granted(stages["opensearch"], "accounts"))


def test_a_domain_is_asked_by_role_or_by_password(stages: dict[str, Synthesised]) -> None:
    assert told(stages[DOMAIN], "generate") == {
        "SEARCH_BACKEND": "opensearch",
        "SEARCH_ENDPOINT": DOMAIN,
        "SEARCH_ENGINE": "faiss",
        "SEARCH_SIGN": "es",
    }
    assert {action for action, _ in granted(stages[DOMAIN], "generate") if action.startswith("es:")} == {
        f"es:ESHttp{method}" for method in ("Delete", "Get", "Post", "Put")
    }
    assert told(stages[OTHER], "generate")["SEARCH_SECRET_ID"] == "cirrus-dev-search"
    assert any("cirrus-dev-search" in resource for _, resource in granted(stages[OTHER], "generate"))


def test_vectors_have_a_table(stages: dict[str, Synthesised]) -> None:
    stage = stages["dynamodb"]
    assert told(stage, "knowledge") == {"SEARCH_BACKEND": "dynamodb", "VECTORS_TABLE": "cirrus-dev-vectors"}
    ((_, table),) = [each for each in stage.resources("AWS::DynamoDB::Table") if each[0].startswith("search/")]
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    found = {resource for action, resource in granted(stage, "knowledge") if action == "dynamodb:SearchVectors"}
    assert len(found) == 1
    assert found.pop().endswith("table/cirrus-dev-vectors/index/vectors-*")


def stage_of(**context: str) -> Stage:
    return stage_from_context(App(context=context).node)


def test_on_this_machine_the_index_is_in_files_or_on_a_node() -> None:
    files = stage_of(stage="local", search_folder="/var/index")
    assert search.variables(files) == {"search_backend": "embedded", "search_folder": "/var/index"}
    node = stage_of(stage="local", search="opensearch", search_endpoint="http://127.0.0.1:9200")
    assert search.variables(node) == {
        "search_backend": "opensearch",
        "search_endpoint": "http://127.0.0.1:9200",
        "search_engine": "lucene",
    }
    assert not SearchStack.is_needed(node)


def test_the_engine_of_a_domain_is_a_setting() -> None:
    plain = stage_of(stage="prod", search=OTHER, search_engine="lucene")
    assert search.variables(plain)["search_engine"] == "lucene"


@pytest.mark.parametrize("context", [{"search": "elastic"}, {"search": OTHER, "search_engine": "nmslib"}])
def test_another_search_is_refused(context: dict[str, str]) -> None:
    with pytest.raises(StageError, match="pass "):
        stage_of(**context)


def test_a_collection_that_does_not_scale_to_zero_is_not_free() -> None:
    for kind, made in (("CollectionGroup", {"Generation": "CLASSIC"}), ("Collection", {})):
        with pytest.raises(UnknownPrice):
            idle([("x/Y", {"Type": f"AWS::OpenSearchServerless::{kind}", "Properties": made})])
