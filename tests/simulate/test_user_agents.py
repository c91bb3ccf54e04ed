import re

from shoplake.simulate.user_agents import AGENTS, BOTS, DEVICES, PEOPLE


def test_the_shares_of_people_and_of_bots_are_thousandths():
    assert [sum(agent.share for agent in group) for group in (PEOPLE, BOTS)] == [1_000, 1_000]


def test_bots_say_so_and_people_do_not():
    assert [bool(re.search("bot", agent.text, re.I)) for agent in AGENTS] == [agent in BOTS for agent in AGENTS]


def test_every_agent_is_another_on_a_known_device():
    assert len({agent.text for agent in AGENTS}) == len(AGENTS)
    assert {agent.device for agent in AGENTS} == set(DEVICES)
