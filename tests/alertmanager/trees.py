"""Random route trees, labels, matchers and time intervals, as an Alertmanager's file writes them."""

from random import Random
from typing import Any

NAMES = ("severity", "department", "service", "the owner", "größe", "_x")
VALUES = ("critical", "warning", "it", "hr", "vpn", "db-1", "", "a b", 'say "hi"', "back\\slash", "zwei\nzeilen", "Ä")
EXPRESSIONS = ("crit.*", "it|hr", "", ".+", ".*", "(?i)CRITICAL", "db-\\d", "[a-z]+", "a b|vpn", "^it$", "\\w+", ".")
OPERATORS = ("=", "!=", "=~", "!~")
RECEIVERS = tuple(f"receiver {letter}" for letter in "abcdefgh")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = ("january", "February", "MARCH", "april", "may", "june", "7", "8", "9", "10", "november", "december")


def labels(random: Random) -> dict[str, str]:
    """An alert's labels; Prometheus has no empty ones."""
    chosen = random.sample(NAMES, random.randint(0, len(NAMES)))
    return {name: value for name in chosen if (value := random.choice(VALUES))}


def file(random: Random) -> dict[str, Any]:
    """A whole file."""
    root = _route(random, depth=0)
    for field in ("match", "match_re", "matchers", "continue"):
        root.pop(field, None)
    root["receiver"] = random.choice(RECEIVERS)
    return {"route": root, "receivers": [{"name": name} for name in RECEIVERS]}


def _route(random: Random, depth: int) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if random.random() < 0.7:
        said["receiver"] = random.choice(RECEIVERS)
    if random.random() < 0.4:
        said["continue"] = random.random() < 0.7
    if random.random() < 0.3:
        said["group_by"] = random.choice([["..."], [], random.sample(NAMES, 2)])
    plain = [name for name in NAMES if name.isascii() and " " not in name]
    if random.random() < 0.2:
        said["match"] = {random.choice(plain): random.choice(VALUES)}
    if random.random() < 0.2:
        said["match_re"] = {random.choice(plain): random.choice(EXPRESSIONS)}
    if random.random() < 0.6:
        said["matchers"] = [matchers(random) for _ in range(random.randint(0, 2))]
    if depth < 3 and (children := random.randint(0, 4 - depth)):
        said["routes"] = [_route(random, depth + 1) for _ in range(children)]
    return said


def matchers(random: Random) -> str:
    """A text of one matcher, or of two in braces."""
    text = ",".join(_matcher(random) for _ in range(random.choice((1, 1, 1, 2))))
    return f"{{{text}}}" if random.random() < 0.2 else text


def _matcher(random: Random) -> str:
    operator = random.choice(OPERATORS)
    name = random.choice(NAMES)
    value = random.choice(EXPRESSIONS if "~" in operator else VALUES)
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    written = value if value.isalnum() and random.random() < 0.5 else f'"{escaped}"'
    return f"{_quoted(name)}{operator}{written}"


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


PIECES = (
    *("a", "b c", "größe", "1st", '"', '"x y"', '"\\n"', '"\\q"', '"\\u00e4"', '"\\xff"', "\\", "\\n", "'", "`"),
    *(
        "=",
        "!=",
        "=~",
        "!~",
        "!",
        "~",
        "{",
        "}",
        ",",
        ",",
        " ",
        "\t",
        "\n",
        "\u00a0",
        "(",
        "[a-z]+",
        "a{2}",
        "",
        "\x1c",
    ),
)


def matcher_text(random: Random) -> str:
    """A text that may say matchers, and mostly does nearly so."""
    if random.random() < 0.4:
        text = matchers(random)
        at = random.randint(0, len(text))
        return text[:at] + random.choice(PIECES) + text[at + random.choice((0, 1)) :]
    parts = [
        random.choice(("a", '"a b"', "ä")),
        random.choice(OPERATORS),
        *random.choices(PIECES, k=random.randint(0, 4)),
    ]
    return "".join(parts if random.random() < 0.8 else random.sample(parts, len(parts)))


def interval(random: Random) -> dict[str, Any]:
    """A time interval, now and then one that is refused."""
    said: dict[str, Any] = {}
    if random.random() < 0.5:
        said["times"] = [_times(random) for _ in range(random.randint(0, 2))]
    if random.random() < 0.4:
        said["weekdays"] = [_range(random, DAYS) for _ in range(random.randint(1, 3))]
    if random.random() < 0.5:
        days = [str(day) for day in (*range(1, 32), *range(-31, 0))]
        said["days_of_month"] = [_range(random, days) for _ in range(random.randint(1, 3))]
    if random.random() < 0.3:
        said["months"] = [_range(random, MONTHS) for _ in range(random.randint(1, 2))]
    if random.random() < 0.3:
        said["years"] = [_range(random, [str(year) for year in range(2023, 2031)])]
    if random.random() < 0.6:
        said["location"] = random.choice(ZONES)
    return said


def _times(random: Random) -> dict[str, str]:
    clock = [random.randint(0, 24 * 60) for _ in range(2)]
    start, end = sorted(clock) if random.random() < 0.97 else clock
    return {"start_time": _clock(start), "end_time": _clock(end)}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _range(random: Random, members: Any) -> str:
    """Mostly in order; what is not is refused, by both."""
    first, last = sorted(random.randrange(len(members)) for _ in range(2))
    if random.random() < 0.05:
        first, last = last, first
    return members[first] if random.random() < 0.4 else f"{members[first]}:{members[last]}"


def instant(random: Random) -> int:
    """Seconds since the epoch, many of them at midnight or around the time clocks change."""
    day = random.randrange(19_700, 22_000) * 86_400
    return day + random.choice((0, -1, 3600, 82_800, random.randrange(86_400)))
