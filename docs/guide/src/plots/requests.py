#!/usr/bin/env python3
"""Makes line protocol of a service's requests: eight days, a point each 10 minutes, with a day's shape, growth and noise.

    ./requests.py > requests.lp
"""

import math
import random

POINTS_A_DAY = 144
START = 1_700_438_400  # 2023-11-20 00:00 UTC, a Monday


def main():
    random.seed(1)
    for number in range(8 * POINTS_A_DAY):
        day = 2 * math.pi * number / POINTS_A_DAY
        shape = 1 - math.cos(day) + 0.4 * math.sin(2 * day)
        count = 200 + 0.05 * number + 220 * shape + random.gauss(0, 15)
        # An outage on the seventh day.
        if 6.55 <= number / POINTS_A_DAY < 6.65:
            count *= 0.3
        print(f"requests,service=shop count={max(0, round(count))}i {START + 600 * number}000000000")


if __name__ == "__main__":
    main()
