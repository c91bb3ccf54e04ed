"""The recipes for exports in which a row is part of an order."""

import pytest

from .recipes import reasons_of

EXPORT = "Bestellnummer;Bestellstatus;Bestelldatum;Währung;E-Mail (Abrechnung);Artikelposition;SKU;Menge;Einzelpreis;"
EXPORT += "Versandkosten;Rabattbetrag;Erstattungsbetrag\n"


def sales_of(lake):
    measures = ("orders", "gross_sales", "discounts", "returns", "tax", "shipping", "other", "cancelled_sales")
    rows = lake.sql(f"SELECT {', '.join(f'sum({each}) AS {each}' for each in measures)} FROM gold.sales_daily")
    return {name: float(value) for name, value in rows.collect()[0].asDict().items() if value}


@pytest.mark.parametrize("others", [";;", pytest.param("4,90;10,00;2,50", marks=pytest.mark.sample)])
def test_what_stands_on_each_row_or_on_the_first_of_an_order_counts_once(shop, others):
    lake, drop = shop("woo_export")
    rows = ["1;Abgeschlossen;{};EUR;ä@x.example;1;rot;2;1.250,50;4,90;10,00;2,50"]
    rows += [f"1;Abgeschlossen;{{}};EUR;ä@x.example;2;blau;1;9,00;{others}", "2;Storniert;{};EUR;;1;rot;1;5,00;;;"]
    rows += ["3;Zurückgestellt;{};EUR;;1;rot;1;7,00;;;"]
    text = EXPORT + "\n".join(rows).replace("{}", "01.03.2026 10:00")
    drop("orders/03.csv", text, "cp1252")

    lake.run()

    sales = {"orders": 1, "gross_sales": 2510, "discounts": 10, "returns": 2.5, "shipping": 4.9, "cancelled_sales": 5}
    assert sales_of(lake) == sales
    assert [reasons for _, reasons in reasons_of(lake)] == [["status_known"]]


def test_the_recipe_for_settlements_has_each_amount_and_fees_of_no_order(shop):
    lake, drop = shop("amazon")
    names = (
        "settlement-id total-amount transaction-type order-id amount-type amount-description amount posted-date-time"
    )
    head = "\t".join([*names.split(), "sku", "quantity-purchased"])
    item = '{}\t\tOrder\t7\tItemPrice\tPrincipal\t1.250,00\t01.03.2026 10:00:00 UTC\t15" tray\t3'
    rows = [f"{{}}\t1.000,00{chr(9) * 8}", item]
    rows += [item.replace("Principal\t1.250,00", each) for each in ("Tax\t237,50", "Shipping\t3,99")]
    rows += [item.replace("ItemPrice\tPrincipal\t1.250,00", "Promotion\tPrincipal\t-1,00")] * 2
    rows += [item.replace("ItemPrice\tPrincipal\t1.250,00", "ItemFees\tCommission\t-187,50")]
    rows += [item.replace("Order", "Refund").replace("1.250,00", "-400,00").removesuffix("3")]
    rows += ["{}\t\tServiceFee\t\tCost of Advertising\tTransactionTotalAmount\t-20,00\t02.03.2026 10:00:00 UTC\t\t"]
    rows += ["{}\t\tTransfer of funds\t\tother-transaction\tTransfer\t-99,00\t02.03.2026 10:00:00 UTC\t\t"]
    other = "{}\t\tother-transaction\t\tother-transaction\t%s\t02.03.2026 10:00:00 UTC\t\t"
    reserved = ("Previous Reserve Amount Balance\t310,00", "Current Reserve Amount\t-55,00")
    rows += [other % each for each in (*reserved, "Subscription Fee\t-39,00")]
    rows += [other.replace("\tother-transaction\t\tother", "\t\t\tother") % "Storage Fee\t-1,00"]
    for settlement in ("18", "19"):
        drop(f"settlement/{settlement}.txt", "\n".join([head, *rows]).replace("{}", settlement) + "\n")

    lake.run()

    measures = {"gross_sales": 2500, "discounts": 4, "returns": 800, "tax": 475, "shipping": 7.98, "other": -495}
    assert sales_of(lake) == {"orders": 1} | measures
    assert reasons_of(lake) == []
