"""The plain network: its normaliser and its members."""

import numpy as np
import pytest
import torch

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import MemberLinear, MemberMap, Spaces

SPACES = Spaces(3, 2)


def network(**options):
    return POLICIES.build("mlp", SPACES, 0, options=options)


def data():
    rng = np.random.default_rng(1)
    columns = [rng.normal(5, 3, 40), rng.normal(-2, 0.5, 40), np.full(40, 7.0)]
    return torch.tensor(np.stack(columns, axis=1), dtype=torch.float32)


def test_the_normaliser_takes_mean_and_deviation_of_the_data():
    made = network()
    assert not made.normaliser_fitted
    made.fit_normaliser(data())
    assert made.normaliser_fitted
    np.testing.assert_allclose(made.mean, data().numpy().mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(made.scale[:2], data().numpy().std(axis=0)[:2], rtol=1e-5)


def test_a_constant_input_is_not_blown_up():
    made = network()
    made.fit_normaliser(data())
    assert float(made.scale[2]) == pytest.approx(0.05)


def test_inputs_far_outside_the_data_count_as_its_edge():
    made = network()
    made.fit_normaliser(data())
    far = made.mean + 5 * made.scale
    torch.testing.assert_close(made((far * 1e3)[None])[0], made((far * 1e6)[None])[0])


def test_units_of_an_input_do_not_matter_once_it_is_normalised():
    metres, millimetres = network(), network()
    metres.fit_normaliser(data())
    millimetres.fit_normaliser(1000 * data())
    expected, _ = metres(data()[:, :])
    torch.testing.assert_close(
        millimetres(1000 * data())[0][:, :2], expected[:, :2], atol=2e-2, rtol=0
    )


def test_the_action_is_the_mean_of_the_members_and_the_spread_their_deviation():
    made = network(members=4)
    each = made._actions(data()).detach().numpy()
    actions, disagreement = made(data())
    np.testing.assert_allclose(actions.detach(), each.mean(axis=0), atol=1e-6)
    spread = each.std(axis=0).mean(axis=1)
    np.testing.assert_allclose(disagreement.detach(), spread, atol=1e-6)


def test_the_loss_is_the_squared_error_of_each_member():
    made = network(members=4)
    labels = torch.full((40, 2), 0.5)
    each = made._actions(data()).detach().numpy()
    expected = ((each - 0.5) ** 2).sum(axis=-1)
    np.testing.assert_allclose(made.loss(data(), labels).detach(), expected, rtol=1e-5)


def test_members_are_trained_apart():
    made = network(members=3)
    made.loss(data(), torch.ones(40, 2))[1].sum().backward()
    for parameter in made.parameters():
        assert not parameter.grad[0].any()
        assert not parameter.grad[2].any()
        assert parameter.grad[1].any()


def test_both_member_layers_are_a_matrix_product_each():
    generator = torch.Generator().manual_seed(0)
    samples = torch.randn(6, 4, generator=generator)
    rows, columns = MemberLinear(3, 4, 2, generator), MemberMap(3, 4, 2, generator)
    with torch.no_grad():
        for layer in (rows, columns):
            layer.bias.normal_(generator=generator)
    apart = columns(samples.T.expand(3, -1, -1))
    torch.testing.assert_close(columns(samples.T), apart)
    for member in range(3):
        by_row = samples @ rows.weight[member] + rows.bias[member]
        torch.testing.assert_close(rows(samples.expand(3, -1, -1))[member], by_row)
        by_column = columns.weight[member] @ samples.T + columns.bias[member]
        torch.testing.assert_close(apart[member], by_column)
