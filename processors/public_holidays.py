"""The public holidays of a country, or of one of its regions."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=4096)
def public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))


def check_country(country: str, region: str | None) -> None:
    """Raises ValueError for a country or region of which none are known."""
    known = holidays.list_supported_countries()
    if country not in known:
        raise ValueError(f"no public holidays are known for country {country!r}; write a code like 'DE'")
    if region and region not in known[country]:
        raise ValueError(f"{country} has no region {region!r}; known: {', '.join(known[country]) or 'none'}")
