from shoplake.reference.markdown import fill_blocks, join_paragraphs, markdown_table


def test_a_generated_block_is_replaced_and_the_rest_of_the_page_stays():
    page = "before\n<!-- generated: gold -->\nold\n<!-- end -->\nafter\n"

    assert fill_blocks(page, {"gold": "new"}) == page.replace("\nold\n", "\nnew\n")


def test_a_bar_in_a_cell_is_escaped():
    assert markdown_table(("a", "b"), [("x|y", "z")]) == "| a | b |\n| --- | --- |\n| x\\|y | z |"


def test_empty_paragraphs_are_left_out():
    assert join_paragraphs("a", "", "b") == "a\n\nb\n"
