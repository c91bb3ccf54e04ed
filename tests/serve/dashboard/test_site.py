import re

from shoplake.serve.dashboard.site import Site, read_asset


def test_a_message_is_escaped():
    html = Site().render_message("Oh", "<script>alert(1)</script>")

    assert "<script>" not in html and "&lt;script&gt;" in html


def test_text_is_never_smaller_than_twelve_pixels():
    sizes = re.findall(r"font(?:-size)?: ?(?:\w+ )*(\d+)px", read_asset("style.css").decode())

    assert sizes and min(map(int, sizes)) >= 12


def test_no_asset_refers_to_another_server():
    assert "http" not in read_asset("style.css").decode().replace("http://www.w3.org", "")
