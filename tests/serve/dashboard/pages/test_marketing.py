import re


def test_every_model_has_a_column_that_links_to_its_touches(admin):
    html = admin.get("/marketing").text

    assert len(re.findall(r'href="/rows/attribution_orders[^"]*model=data_driven', html)) == 3


def test_only_what_was_paid_for_has_a_return(admin):
    html = admin.get("/marketing").text
    table = html.split("<h2>Spend and return by campaign</h2>")[1].split("</table>")[0]

    assert "paid search" in table and "email" not in table
