import re

from shoplake.simulate.user_agents import BOTS, DEVICES, PEOPLE, USER_AGENTS


def test_the_shares_of_people_and_of_bots_are_thousandths():
    assert [sum(user_agent.share for user_agent in group) for group in (PEOPLE, BOTS)] == [1_000, 1_000]


def test_bots_say_so_and_people_do_not():
    assert [bool(re.search("bot", user_agent.text, re.I)) for user_agent in USER_AGENTS] == [
        user_agent in BOTS for user_agent in USER_AGENTS
    ]


def test_every_agent_is_another_on_a_known_device():
    assert len({user_agent.text for user_agent in USER_AGENTS}) == len(USER_AGENTS)
    assert {user_agent.device for user_agent in USER_AGENTS} == set(DEVICES)
