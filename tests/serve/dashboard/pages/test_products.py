def test_the_page_of_a_product_has_its_name_and_its_pairs(admin):
    html = admin.get("/products/P1").text

    assert "<h1>Lamp 1</h1>" in html and 'href="/products/P2"' in html


def test_an_unknown_product_is_named(admin):
    response = admin.get("/products/P99")

    assert response.status_code == 404 and "Unknown product &#39;P99&#39;" in response.text


def test_returned_units_link_to_the_return_lines(admin):
    assert "kind=return&amp;product=P" in admin.get("/products").text
