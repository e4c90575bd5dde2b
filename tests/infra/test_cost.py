"""What a stage costs while nobody uses it."""

import pytest

from infra.cost import BUDGET, UnknownPrice, idle, usage
from infra.synthesis import Synthesised, synthesise


def test_a_stage_costs_under_a_dollar_a_month_idle(deployed: Synthesised) -> None:
    items = [item for item in idle(deployed.resources()) if item.price]
    total = sum(item.price for item in items)
    print(f"\n{deployed.stage.name}: ${total:.2f} a month idle")
    for item in items:
        print(f"  ${item.price:.2f} {item.what} {item.resource}")
    assert total <= BUDGET


def test_what_has_no_price_fails() -> None:
    with pytest.raises(UnknownPrice, match="AWS::EC2::NatGateway"):
        idle([("x/Nat", {"Type": "AWS::EC2::NatGateway", "Properties": {}})])


@pytest.mark.parametrize(
    ("resource", "price"),
    [
        ({"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors", "Period": 300}}, 0.10),
        ({"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors", "Period": 10}}, 0.30),
        (
            {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {"Metrics": [{"Expression": "a+b"}, *[{"MetricStat": {"Period": 60}}] * 9]},
            },
            0.90,
        ),
    ],
)
def test_an_alarm_is_paid_by_the_metrics_it_watches(resource: dict[str, object], price: float) -> None:
    (item,) = idle([("x/Alarm", resource)])
    assert item.price == pytest.approx(price)


def test_the_dashboard_is_what_it_costs_to_switch_on(synthesised: dict[str, Synthesised]) -> None:
    with_dashboard = sum(item.price for item in idle(synthesise("prod", dashboard="true").resources()))
    without = sum(item.price for item in idle(synthesised["prod"].resources()))
    assert with_dashboard - without == pytest.approx(3.0)


def test_someone_to_tell_costs_nothing(synthesised: dict[str, Synthesised]) -> None:
    told = synthesise("prod", check=True, alarm_email="ops@example.com")
    assert told.findings == []
    assert told.resources("AWS::SNS::Subscription")
    assert sum(item.price for item in idle(told.resources())) <= BUDGET


def test_provisioned_tables_and_caches_are_not_free() -> None:
    for resource in (
        {"Type": "AWS::DynamoDB::Table", "Properties": {}},
        {"Type": "AWS::ApiGateway::Stage", "Properties": {"CacheClusterEnabled": True}},
        {"Type": "AWS::Lambda::Function", "Properties": {"SnapStart": {"ApplyOn": "PublishedVersions"}}},
    ):
        with pytest.raises(UnknownPrice):
            idle([("x/Y", resource)])


def test_every_cost_of_a_message_grows_with_use() -> None:
    assert all(part.units > 0 and part.unit_price > 0 for part in usage())
    assert 0.05 < sum(part.price for part in usage()) < 1.0
