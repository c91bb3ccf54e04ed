"""What only a browser shows: policy violations, widths, sizes of text, keys, and accessibility."""

import re
from datetime import date

import pytest

from shoplake.serve.dashboard.part import PAGES
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration
from tests.serve.dashboard.browser.conftest import HOST

EACH_PAGE = [*PAGES, "/journey?by=device", "/customers/C3", "/products/P4", "/rows/sales_lines"]
PHONE = {"width": 390, "height": 844}
SMALLEST_TEXT = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    let least = 99
    while (walker.nextNode()) {
        const node = walker.currentNode, parent = node.parentElement
        if (!node.textContent.trim() || !parent.checkVisibility()) continue
        const svg = parent.closest('svg')
        const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1
        least = Math.min(least, parseFloat(getComputedStyle(parent).fontSize) * scale)
    }
    return least
}"""
TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.mark.slow
def test_pages_fit_a_phone_without_a_problem_in_the_console(visit):
    with visit(viewport=PHONE) as page:
        for path in ("/", "/money"):
            page.goto(HOST + path)

            assert (path, page.evaluate(TOO_WIDE), page.problems) == (path, 0, [])
            assert page.evaluate(SMALLEST_TEXT) >= 11.9, path


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 770, 1190])
def test_every_page_fits_every_width_with_text_of_twelve_pixels(visit, width):
    with visit(viewport={"width": width, "height": 800}) as page:
        for path in EACH_PAGE:
            page.goto(HOST + path)

            assert (path, page.evaluate(TOO_WIDE), page.problems) == (path, 0, [])
            assert page.evaluate(SMALLEST_TEXT) >= 11.9, path


@pytest.mark.slow
def test_the_pointer_over_a_day_shows_its_numbers(visit, shop):
    with visit(viewport={"width": 1280, "height": 900}) as page:
        page.goto(HOST + "/?since=2026-04-01&until=2026-04-10")
        days = page.locator(".on-wide .ro")
        box = days.nth(2).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 20)
        shown = page.locator(".on-wide .ro > g").nth(2)

        assert shown.evaluate("each => getComputedStyle(each).opacity") == "1"
        net = shop.sold()[date(2026, 4, 3), "GBP"]
        assert f"£{net:,.2f}" in shown.text_content()
        assert page.problems == []


@pytest.mark.slow
def test_the_interactive_chart_shows_numbers_and_zooms_under_the_strict_policy(visit):
    with visit(viewport={"width": 1280, "height": 900}) as page:
        page.goto(HOST + "/chart?since=2026-04-01&until=2026-04-10")
        points = page.locator("#chart svg .mark-symbol path")
        points.first.wait_for()
        points.nth(2).hover()
        page.locator("#vg-tooltip-element.visible").wait_for()
        assert "3 Apr" in page.locator("#vg-tooltip-element").inner_text()
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(300)

        assert page.problems == []


@pytest.mark.slow
def test_filters_change_the_address_and_the_numbers(visit, shop):
    with visit() as page:
        page.goto(HOST + "/")
        page.locator("input[name=since]").fill("2026-04-06")
        page.locator("input[name=until]").fill("2026-04-12")
        page.locator("select[name=compare]").select_option("none")
        page.locator("select[name=currency]").select_option("EUR")
        page.get_by_role("button", name="Show").click()

        assert "since=2026-04-06" in page.url and "compare=none" in page.url and "currency=EUR" in page.url
        days = [date(2026, 4, 6 + n) for n in range(7)]
        net = sum(shop.sold()[day, "EUR"] for day in days)
        assert page.locator("section[aria-label='Net sales'] .value").inner_text() == f"€{net:,.2f}"


@pytest.mark.slow
def test_the_button_back_shows_the_filters_of_the_numbers_again(visit):
    with visit() as page:
        page.goto(HOST + "/")
        first = page.locator("input[name=since]").input_value()
        page.locator("input[name=since]").fill("2026-04-06")
        page.locator("select[name=compare]").select_option("none")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**since=2026-04-06**")
        page.go_back()

        assert page.locator("input[name=since]").input_value() == first
        assert page.locator("select[name=compare]").input_value() == "previous"


@pytest.mark.slow
def test_forced_colors_underline_the_page_that_is_shown_alone(visit):
    colour = "each => getComputedStyle(each).borderBottomColor"
    with visit(forced_colors="active") as page:
        page.goto(HOST + "/money")
        canvas = page.evaluate("getComputedStyle(document.body).backgroundColor")

        assert page.locator("nav a:not([aria-current])").first.evaluate(colour) == canvas
        assert page.locator("nav a[aria-current]").evaluate(colour) != canvas


@pytest.mark.slow
def test_the_whole_flow_works_by_keyboard(visit):
    with visit() as page:
        page.goto(HOST + "/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Journey").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/journey")
        page.get_by_role("button", name="About Carts").focus()
        page.keyboard.press("Enter")
        assert page.locator("[popover]:popover-open").count() == 1
        page.keyboard.press("Escape")
        assert page.locator("[popover]:popover-open").count() == 0
        page.get_by_role("link", name=re.compile(" left$")).first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/rows/funnel_members**")
        assert page.problems == []


@pytest.mark.slow
def test_every_link_and_button_can_be_reached_by_tab(visit):
    with visit(viewport={"width": 1280, "height": 900}) as page:
        page.goto(HOST + "/")
        wanted = page.locator("a, button, input, select, summary").count()
        hidden = page.locator("details:not([open]) a").count()
        reached = set()
        for _ in range(wanted + 60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))

        assert len(reached) >= wanted - hidden


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(visit, scheme):
    from axe_playwright_python.sync_playwright import Axe

    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    with visit(color_scheme=scheme, viewport={"width": 1280, "height": 900}) as page:
        for path in EACH_PAGE:
            page.goto(HOST + path)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": levels}}).response["violations"]

            assert [(path, each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.slow
def test_a_browser_in_another_time_zone_shows_the_shops_days_and_times(visit):
    texts = []
    for zone in ("Europe/London", "Asia/Tokyo", "America/Los_Angeles"):
        with visit(timezone_id=zone) as page:
            texts.append([])
            for path in ("/", "/customers/C3", "/quality"):
                page.goto(HOST + path)
                texts[-1].append(page.locator("body").inner_text())

    assert texts[0] == texts[1] == texts[2]


@pytest.mark.slow
def test_names_that_look_like_scripts_are_shown_as_text(visit, serve, shop):
    rows = gold_tables(shop)
    attacks = [
        "<script>alert(1)</script>",
        '"><svg onload=alert(2)>',
        "{{7*7}}",
        "\u202edlog",
        "<img src=x onerror=alert(3)>",
    ]
    for row, attack in zip(rows["silver.products"], attacks * 9, strict=False):
        row["product_name"] = row["category"] = attack
    for visit_ in rows["silver.sessions"][:50]:
        visit_["landing_page"] = visit_["channel"] = attacks[1]
    for table in ("gold.attribution_daily", "gold.ad_performance_daily"):
        for row, attack in zip(rows.get(table, []), attacks * 99, strict=False):
            row.update({name: attack for name in ("channel", "utm_campaign", "campaign") if row.get(name)})
    client = serve(MemoryGeneration(rows, id="attacked"))
    with visit(client) as page:
        for path in (
            "/",
            "/products",
            "/products/P1",
            "/journey?by=channel",
            "/marketing",
            "/rows/funnel_members",
            "/rows/products",
        ):
            page.goto(HOST + path)
            assert page.problems == [], path
        page.goto(HOST + "/products")
        assert "{{7*7}}" in page.content() and "alert(1)" in page.locator("body").inner_text()
