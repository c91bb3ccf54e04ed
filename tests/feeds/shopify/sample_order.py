"""A Shopify order of two items with discount, taxes and shipping."""


def money(shop, customer):
    return {"shop_money": {"amount": shop, "currency_code": "EUR"}, "presentment_money": {"amount": customer}}


MUG = {"id": 11, "product_id": 7, "variant_id": 71, "title": "Mug", "variant_title": "blue", "sku": "MUG-B"}
MUG |= {"vendor": "Acme", "quantity": 3, "current_quantity": 3, "price": "10.00", "gift_card": False}
MUG |= {"tax_lines": [{"price": "2.70"}, {"price": "0.30"}], "discount_allocations": [{"amount": "3.00"}]}
CAP = {"id": 12, "product_id": 8, "title": "Cap", "quantity": 1, "current_quantity": 1, "price": "12.50"}
CAP |= {"tax_lines": [{"price": "1.25"}], "discount_allocations": []}
ORDER = {
    "id": 500,
    "created_at": "2026-03-02T00:30:00+01:00",
    "updated_at": "2026-03-02T09:00:00+01:00",
    "cancelled_at": None,
    "test": False,
    "currency": "EUR",
    "financial_status": "paid",
    "fulfillment_status": None,
    "taxes_included": False,
    "source_name": "web",
    "total_discounts": "4.00",
    "total_tax": "4.75",
    "total_price": "48.25",
    "customer": {"id": 26},
    "shipping_address": {"country_code": "DE"},
    "billing_address": {"country_code": "AT"},
    "line_items": [MUG, CAP],
    "shipping_lines": [
        {"price": "5.00", "tax_lines": [{"price": "0.50"}], "discount_allocations": [{"amount": "1.00"}]}
    ],
    "refunds": [],
}
