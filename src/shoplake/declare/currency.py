"""Currency codes (ISO 4217)."""

from __future__ import annotations

from difflib import get_close_matches

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS
VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
"""
CURRENCIES = frozenset(_CODES.split())
"""The codes of money in use, and of that withdrawn since 2022, which older files have."""
WITHOUT_MINOR_UNIT = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
"""The codes whose smallest amount is 1."""
WITH_THREE_DIGITS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""The codes whose smallest amount is 0.001."""
NAMES = {
    **dict.fromkeys(("POUND", "STERLING", "QUID", "UKP", "£"), "GBP"),
    **dict.fromkeys(("EURO", "€"), "EUR"),
    **dict.fromkeys(("DOLLAR", "$", "US$"), "USD"),
    **dict.fromkeys(("YUAN", "RENMINBI", "RMB"), "CNY"),
    **dict.fromkeys(("RUBLE", "ROUBLE"), "RUB"),
    **{"YEN": "JPY", "¥": "JPY", "RUPEE": "INR", "₹": "INR", "FRANC": "CHF", "WON": "KRW", "ZLOTY": "PLN"},
    **{"KRONA": "SEK", "KRONE": "NOK", "PESO": "MXN", "RAND": "ZAR", "LIRA": "TRY", "SHEKEL": "ILS", "REAL": "BRL"},
}
"""Names and signs in capitals, and the code that is most often meant."""


def minor_digits(code: str | None) -> int:
    """Return how many decimals an amount has: 0 of yen, 3 of dinars, else and where the currency is unknown 2."""
    return 0 if code in WITHOUT_MINOR_UNIT else 3 if code in WITH_THREE_DIGITS else 2


class UnknownCurrencyError(ValueError):
    """A text is no ISO 4217 code; the message names the nearest one."""

    def __init__(self, label: str, code: str) -> None:
        near = nearest_currency(code)
        answer = f"Did you mean '{near}'?" if near else "Write one such as EUR."
        super().__init__(f"{label} = {code!r} is no ISO 4217 code. {answer}")
        self.label, self.code = label, code


def check_currency(code: str, label: str) -> str:
    """Return the code. Raises UnknownCurrencyError, which begins with `label`, where it is no ISO 4217 code."""
    if code not in CURRENCIES:
        raise UnknownCurrencyError(label, code)
    return code


def nearest_currency(text: str) -> str | None:
    """Return the code that a text most likely means: by its name, sign or spelling; None if nothing is near."""
    capitals = text.strip().upper()
    for name in (capitals, capitals.removesuffix("S")):
        if name in NAMES or name in CURRENCIES:
            return NAMES.get(name, name)
    return next(iter(get_close_matches(capitals, sorted(CURRENCIES), n=1)), None)
