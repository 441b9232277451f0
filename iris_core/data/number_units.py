"""What may stand before and after a number: currencies and units."""

from __future__ import annotations

import re

_SIGNS = (
    *("US$", "CA$", "C$", "A$", "AU$", "NZ$", "HK$", "S$", "R$", "$", "€", "£", "¥", "₹", "₽"),
    *("₩", "₺", "₴", "₪", "₫", "₱", "₦", "฿", "₿", "zł", "Kč", "kr.", "kr", "Ft", "SFr.", "Fr."),
    *("Rs.", "Rs", "RM", "Rp"),
)
_CODES = (
    *("AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP"),
    *("EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "MXN", "MYR", "NGN"),
    *("NOK", "NZD", "PHP", "PLN", "RON", "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH"),
    *("USD", "VND", "ZAR", "DM", "DEM", "ATS", "FRF"),
)
CURRENCIES = frozenset({*_SIGNS, *_CODES})
CURRENCY_PATTERN = "|".join(
    re.escape(name) for name in sorted(CURRENCIES, key=lambda name: (-len(name), name))
)

# Those that are recognised without a space before them. Single letters that number houses and
# classes ("14A", "3D") or count thousands ("5K", "3M", "2B") are not among them.
_UNITS = frozenset(
    {
        *("%", "‰", "°", "°C", "°F", "℃", "℉", "kg", "g", "mg", "µg", "ug", "lb", "lbs", "oz", "t"),
        *("km", "m", "dm", "cm", "mm", "µm", "um", "nm", "mi", "ft", "in", "yd", "km²", "km2"),
        *("m²", "m2", "dm²", "cm²", "cm2", "mm²", "m³", "m3", "dm³", "cm³", "cm3", "ccm", "cc"),
        *("ft²", "ft2", "ft³", "sqft", "sqm", "ha", "l", "L", "dl", "dL", "cl", "cL", "ml", "mL"),
        *("µl", "hl", "gal", "km/h", "kmh", "kph", "mph", "m/s", "ft/s", "m/s²", "kn", "ms", "µs"),
        *("ns", "s", "sec", "min", "h", "hr", "hrs", "W", "kW", "MW", "GW", "Wh", "kWh", "MWh"),
        *("GWh", "hp", "bhp", "PS", "kV", "mV", "mA", "Ah", "mAh", "Hz", "kHz", "MHz", "GHz", "kB"),
        *("KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "kbps", "Mbps", "Gbps", "Nm", "rpm", "J"),
        *("kJ", "MJ", "kcal", "cal", "eV", "keV", "MeV", "Pa", "hPa", "kPa", "MPa", "bar", "mbar"),
        *("psi", "mmHg", "dB", "dBm", "px", "pt", "ppm", "ppb", "Ω", "kΩ", "lx", "lm", "cd", "mol"),
        *("mmol", "rad", "mg/l", "mg/L", "g/l", "g/L", "mg/dl", "mg/dL", "g/dl", "g/dL", "mmol/l"),
        *("mmol/L", "U/l", "U/L", "IU/L", "ng/ml", "ng/mL", "µg/l", "µg/L", "kg/m²", "kg/m2"),
        *("kg/m³", "kg/m3", "g/cm³", "g/cm3", "l/100km", "L/100km", "mpg", "kmpl", "km/l", "g/km"),
    }
)
# "sq ft", "Stück", "kg CO2", "l/100 km"; no other digits, for those would be a second number.
_UNIT_WORDS = re.compile(r"[^\W\d_]+\.?(?:[ /·*^-]?[^\W\d_]+\.?)*[²³23]?")
_LONGEST = 20


def is_unit(text: str, *, attached: bool) -> bool:
    """Return whether a text behind a number is a unit or a currency.

    Args:
        text: without the spaces around it.
        attached: there is no space between the number and the text. Then only known units are
            recognised, so that neither "5more" nor "14a" is a number.
    """
    text = text.replace("\u03bc", "\u00b5")  # the Greek mu as the micro sign
    if text in CURRENCIES or text in _UNITS:
        return True
    return not attached and len(text) <= _LONGEST and bool(_UNIT_WORDS.fullmatch(text))
