#!/usr/bin/env python3
"""Draws series of line protocol over each other, as an SVG.

    ./plot.py raw.lp:usage_user averages.lp:avg --tag cpu=total > picture.svg
"""

import argparse

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 860, 260, 44, 28, 34
COLOURS = ["#b8c4d6", "#d6336c", "#1971c2"]


def series(path, field, tag):
    for line in open(path, encoding="utf-8"):
        if line.startswith("#") or (tag and f",{tag}," not in line and f",{tag} " not in line):
            continue
        _, fields, time = line.rsplit(" ", 2)
        values = dict(pair.split("=") for pair in fields.split(","))
        if field in values:
            yield int(time) / 1e9, float(values[field].rstrip("i"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("series", nargs="+", metavar="FILE:FIELD")
    parser.add_argument("--tag", help="only lines with this tag, as name=value")
    parser.add_argument("--title", default="")
    arguments = parser.parse_args()
    lines = [
        (spec.rsplit(":", 1)[1], list(series(*spec.rsplit(":", 1), arguments.tag)))
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
    for share in range(0, 101, 25):
        print(f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y(share):.1f}" y2="{y(share):.1f}" '
              'stroke="#e9ecef"/>')
        print(f'<text x="{LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end">{share}</text>')
    for minute in range(int((end - start) // 60) + 1):
        print(f'<text x="{x(start + 60 * minute):.1f}" y="{HEIGHT - 8}" '
              f'text-anchor="middle">{minute} min</text>')
    for number, (name, points) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x(time):.1f},{y(value):.1f}" for time, value in points)
        print(f'<polyline points="{path}" fill="none" stroke="{colour}" '
              f'stroke-width="{1 + number}"/>')
        print(f'<text x="{WIDTH - 110}" y="{18 + 14 * number}" fill="{colour}">{name}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
