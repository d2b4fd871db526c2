"""A difference over time as an SVG picture: what was added above the line, what was removed below it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from xml.sax.saxutils import escape

from backoffice.what_if.timeline import Stretch

WIDTH, HEIGHT = 960, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 60, 40
ADDED, REMOVED, MOVED = "#c53030", "#2b6cb0", "#b7791f"
FONT = "font-family='sans-serif' font-size='12' fill='#1a202c'"
LABELS = 8
"""Times written below, at most."""


def svg(stretches: Sequence[Stretch], length: timedelta, title: str) -> str:
    """The picture, a document of its own. Moved alerts stand on top of the added ones."""
    return "\n".join(
        (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'>",
            f"<title>{escape(title)}</title>",
            f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>",
            _text(LEFT, 22, title),
            *_legend(),
            *(_drawn(stretches, length) if stretches else [_text(LEFT, HEIGHT // 2, "no difference")]),
            "</svg>",
            "",
        )
    )


def _legend() -> Iterator[str]:
    for n, (name, colour) in enumerate((("added", ADDED), ("removed", REMOVED), ("moved", MOVED))):
        x = LEFT + n * 100
        yield f"<rect x='{x}' y='33' width='12' height='12' fill='{colour}'/>"
        yield _text(x + 18, 43, name)


def _drawn(stretches: Sequence[Stretch], length: timedelta) -> Iterator[str]:
    up = max(1, *(s.added + s.moved for s in stretches))
    down = max(s.removed for s in stretches)
    unit = (HEIGHT - TOP - BOTTOM) / (up + down)
    zero = TOP + up * unit
    step = (WIDTH - LEFT - RIGHT) / len(stretches)
    every = -(-len(stretches) // LABELS)
    for n, stretch in enumerate(stretches):
        x = LEFT + n * step
        yield f"<g><title>{_said(stretch)}</title>"
        yield from _bar(x, zero - stretch.added * unit, step, stretch.added * unit, ADDED)
        yield from _bar(x, zero - (stretch.added + stretch.moved) * unit, step, stretch.moved * unit, MOVED)
        yield from _bar(x, zero, step, stretch.removed * unit, REMOVED)
        yield "</g>"
        if n % every == 0:
            yield _text(x, HEIGHT - 14, f"{stretch.begin:{'%Y-%m-%d' if length.days else '%m-%d %H:%M'}}")
    yield f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{zero:.1f}' y2='{zero:.1f}' stroke='#1a202c'/>"
    yield _text(LEFT - 8, TOP + 10, f"{up:,}", "end")
    if down:
        yield _text(LEFT - 8, HEIGHT - BOTTOM, f"{down:,}", "end")


def _bar(x: float, y: float, width: float, height: float, colour: str) -> Iterator[str]:
    if height:
        yield f"<rect x='{x + 1:.1f}' y='{y:.1f}' width='{width - 2:.1f}' height='{height:.1f}' fill='{colour}'/>"


def _said(stretch: Stretch) -> str:
    return (
        f"{stretch.begin:%Y-%m-%d %H:%M} UTC: {stretch.added:,} added, {stretch.removed:,} removed, "
        f"{stretch.moved:,} moved"
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {FONT}>{escape(text)}</text>"
