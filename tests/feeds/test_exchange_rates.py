from shoplake.feeds import KINDS, exchange_rates
from shoplake.tables.bronze.exchange_rates_raw import exchange_rates_raw

STREAM = exchange_rates.EXCHANGE_RATES


def test_files_in_the_folder_of_rates_are_the_streams():
    assert STREAM.matches("exchange_rates/ecb-2026-03.csv")
    assert not STREAM.matches("exchange_rates.csv")


def test_kinds_whose_lines_have_a_currency_have_the_stream_and_its_mapping():
    with_stream = {name for name, kind in KINDS.items() if STREAM in kind.streams}

    assert with_stream == {"zenith", "shopify", "woocommerce", "segment"}
    assert with_stream == {name for name, kind in KINDS.items() if "exchange_rates" in kind.mappings}


def test_a_rate_has_ten_decimals_and_maybe_an_exponent(arrived, zenith):
    raw = arrived(exchange_rates_raw, "2026-03-01,IDR,4.8e-05", header="rate_date,currency,rate")

    [row] = exchange_rates.exchange_rates(raw, zenith).collect()

    assert (str(row.rate), row._type_errors) == ("0.0000480000", [])
