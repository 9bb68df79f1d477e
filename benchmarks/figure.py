"""The figure of `docs/performance.md`: how a trigger's latency grows with the class."""

from __future__ import annotations

import math
from pathlib import Path
from xml.sax.saxutils import escape

from livequiz.bench.report import figure as figure_of
from livequiz.bench.run import Results
from livequiz.bench.samples import TRIGGER

FIGURE = Path(__file__).parent.parent / "docs" / "performance-trigger.svg"
WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 50, 50
LINE = 16  # between two labels
# Told apart without colour, too: by the shape of the points and by the name at the line's end.
COLOURS = ("#0a7d5a", "#c2571a", "#5b5bd6")
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #333 }
  .title { font-size: 15px; font-weight: 600 }
  .grid { stroke: #ccc; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) { text { fill: #ddd } .grid { stroke: #444 } }
"""


def write(results: Results, path: Path = FIGURE) -> None:
    """Write the figure."""
    path.write_text(draw(results), encoding="utf-8")


def draw(results: Results) -> str:
    """Return the figure as SVG, both of its axes logarithmic."""
    lines = {name: _points(results, name) for name in results.subjects}
    every = [point for points in lines.values() for point in points]
    xs, ys = [x for x, _ in every], [y for _, y in every]
    across = _Scale(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    up = _Scale(10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys))),
                HEIGHT - BOTTOM, TOP)  # fmt: skip
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(TRIGGER.title)}</title><style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="24">{escape(TRIGGER.title)} (ms, median)</text>',
        *_grid(across, up, sorted(set(xs))),
    ]
    labels: list[tuple[float, float, str]] = []
    for (name, points), colour, shape in zip(
        lines.items(), COLOURS, (_circle, _square, _diamond), strict=False
    ):
        placed = [(across(x), up(y)) for x, y in points]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline class="line" stroke="{colour}" points="{way}"/>')
        parts += [shape(x, y, colour) for x, y in placed]
        if placed:
            x, y = placed[-1]
            labels.append((y + 4, x + 10, f"{name}: {figure_of(points[-1][1], TRIGGER)} ms"))
    return "\n".join([*parts, *_apart(labels), "</svg>\n"])


def _apart(labels: list[tuple[float, float, str]]) -> list[str]:
    """Return labels, given as y, x and text, so far apart that each can be read."""
    parts, above = [], -math.inf
    for y, x, text in sorted(labels):
        above = max(y, above + LINE)
        parts.append(f'<text x="{x:.1f}" y="{above:.1f}">{escape(text)}</text>')
    return parts


class _Scale:
    """Places values from `least` to `most` between two coordinates, logarithmically."""

    def __init__(self, least: float, most: float, start: float, end: float) -> None:
        self.least, self.most = least, most
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        reach = math.log(self.most / self.least) or 1.0
        share = math.log(value / self.least) / reach
        return self._start + share * (self._end - self._start)


def _points(results: Results, name: str) -> list[tuple[int, float]]:
    sizes = results.taken.sizes(TRIGGER)
    medians = [(size, results.taken.median(name, size, TRIGGER)) for size in sizes]
    return [(size, value) for size, value in medians if value is not None]


def _grid(across: _Scale, up: _Scale, sizes: list[int]) -> list[str]:
    parts = []
    power = up.least
    while power <= up.most:
        y = up(power)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{power:,.0f}</text>'
        )
        power *= 10
    for size in sizes:
        label = f'<text x="{across(size):.1f}" y="{HEIGHT - 28}" text-anchor="middle">'
        parts.append(f"{label}{size:,}</text>")
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">students</text>')
    return parts


def _circle(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'


def _square(x: float, y: float, colour: str) -> str:
    return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="{colour}"/>'


def _diamond(x: float, y: float, colour: str) -> str:
    corners = f"{x:.1f},{y - 6:.1f} {x + 6:.1f},{y:.1f} {x:.1f},{y + 6:.1f} {x - 6:.1f},{y:.1f}"
    return f'<polygon points="{corners}" fill="{colour}"/>'
