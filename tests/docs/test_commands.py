import click

from tools.docs.commands import cli_page


def test_the_page_has_the_help_of_each_command():
    shop = click.Group("shop", help="A shop.", commands=[click.Command("open", help="Open the door.")])

    page = cli_page(shop, "shop")

    assert "## shop\n" in page
    assert "## shop open\n\n```text\nUsage: shop open [OPTIONS]\n\n  Open the door." in page


def test_a_hidden_command_has_no_section():
    shop = click.Group("shop", commands=[click.Command("close", hidden=True)])

    assert "shop close" not in cli_page(shop, "shop")
