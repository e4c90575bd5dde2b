"""The order of the model list, which an admin sets at /api/v1/configs/models."""

from functions.inference.model_routes import in_order
from functions.inference.models import ListedModel


def test_models_come_in_the_order_given_and_the_rest_after_them() -> None:
    models = [ListedModel.model_construct(id=name) for name in ("a", "b", "c", "d")]
    assert [model.id for model in in_order(models, ["c", "gone", "a"])] == ["c", "a", "b", "d"]
    assert [model.id for model in in_order(models, [])] == ["a", "b", "c", "d"]
