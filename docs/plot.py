#!/usr/bin/env python3
"""Draws series of line protocol over each other, as an SVG.

    ./plot.py raw.lp:usage_user averages.lp:avg --tag cpu=total > picture.svg

FILE:FIELD*FACTOR draws a series that is much smaller than the others.
"""

import argparse
import math

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 860, 260, 44, 28, 34
COLOURS = ["#b8c4d6", "#d6336c", "#1971c2"]


def step_of(highest):
    """The distance of about four lines up to the highest value: 1, 2, 2.5 or 5 times a power of ten."""
    power = 10 ** math.floor(math.log10(highest / 4))
    return max((step * power for step in (1, 2, 2.5, 5) if step * power <= highest / 4), default=power)


def time_step_of(seconds):
    """The distance of at most 16 times on the axis, in seconds, and the name and the seconds of their unit."""
    steps = [60, 300, 600, 1800, 3600, 7200, 21600]
    step = next((step for step in steps if seconds / step <= 16), 86400)
    unit = ("min", 60) if step < 3600 else ("h", 3600) if step < 86400 else ("d", 86400)
    return step, *unit


def series(path, field, tag):
    field, _, factor = field.partition("*")
    for line in open(path, encoding="utf-8"):
        if line.startswith("#") or (tag and f",{tag}," not in line and f",{tag} " not in line):
            continue
        _, fields, time = line.rsplit(" ", 2)
        values = dict(pair.split("=") for pair in fields.split(","))
        if field in values:
            yield int(time) / 1e9, float(values[field].rstrip("i")) * float(factor or 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("series", nargs="+", metavar="FILE:FIELD")
    parser.add_argument("--tag", help="only lines with this tag, as name=value")
    parser.add_argument("--title", default="")
    parser.add_argument("--every", type=int, default=1, help="only each n-th point")
    arguments = parser.parse_args()
    lines = [
        (spec.rsplit(":", 1)[1].replace("*", " × "),
         list(series(*spec.rsplit(":", 1), arguments.tag))[:: arguments.every])
        for spec in arguments.series
    ]
    start = min(points[0][0] for _, points in lines)
    end = max(points[-1][0] for _, points in lines)
    top = max(value for _, points in lines for _, value in points) * 1.05

    def x(time):
        return LEFT + (time - start) / (end - start) * (WIDTH - LEFT - 10)

    def y(value):
        return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)

    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
          'font-family="sans-serif" font-size="12" fill="#495057">')
    print(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>')
    print(f'<text x="{LEFT}" y="18" font-size="13">{arguments.title}</text>')
    step = step_of(top)
    for number in range(int(top / step) + 1):
        value = number * step
        print(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
              'stroke="#e9ecef"/>')
        print(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    step, unit, length = time_step_of(end - start)
    for seconds in range(0, int(end - start) + 1, step):
        print(f'<text x="{x(start + seconds):.1f}" y="{HEIGHT - 8}" '
              f'text-anchor="middle">{seconds // length} {unit}</text>')
    for number, (name, points) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x(time):.1f},{y(value):.1f}" for time, value in points)
        print(f'<polyline points="{path}" fill="none" stroke="{colour}" '
              f'stroke-width="{1 + number}"/>')
        print(f'<text x="{WIDTH - 110}" y="{18 + 14 * number}" fill="{colour}">{name}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
