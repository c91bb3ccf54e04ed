import numpy as np
import pytest

from shoplake.simulate.realistic.customers.people import People


@pytest.fixture(scope="module")
def people(options):
    return People(options(customers=2_000, orders=5_000), 500)


def devices(people):
    """The devices that each customer uses."""
    rng, customers = np.random.default_rng(3), np.arange(people.customers)
    uses = np.concatenate([people.draw_devices(rng, customers) for _ in range(40)])
    return np.unique(np.stack([uses, np.tile(customers, 40)], axis=1), axis=0)


def test_five_percent_of_the_devices_are_shared_by_two_customers(people):
    owners = np.unique(devices(people)[:, 0], return_counts=True)[1]

    assert (owners > 1).mean() == pytest.approx(0.05, abs=0.01)
    assert owners.max() == 2
    assert np.count_nonzero(owners > 1) == len(people.shared)


def test_three_percent_of_the_customers_are_twins(people):
    accounts = np.bincount(people.person, minlength=people.customers)

    assert (accounts[people.person] == 2).mean() == pytest.approx(0.03, abs=0.002)
    assert accounts.max() == 2


def test_most_visits_are_on_the_main_device(people):
    who = np.arange(people.customers)

    assert (people.draw_devices(np.random.default_rng(1), who) == people.main_device(who)).mean() > 0.7


def test_without_identity_everybody_has_one_device_and_one_account(options):
    people = People(options(features=frozenset()), 50)

    assert people.person.tolist() == people.household[:220].tolist() == list(range(220))
    assert len(people.shared) == 0
    assert len(devices(people)) == 220


def test_bots_come_last(people):
    everybody = np.arange(people.size)

    assert people.is_bot(everybody).tolist() == (everybody >= people.first_bot).tolist()
    assert people.is_bot(everybody).sum() == 12


def test_customers_who_share_a_device_are_one_household(people):
    users = devices(people)
    shared = users[np.isin(users[:, 0], people.shared)]
    households = {(device, people.household[customer]) for device, customer in shared.tolist()}

    assert len(households) == len(people.shared)
