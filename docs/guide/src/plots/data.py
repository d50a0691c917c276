#!/usr/bin/env python3
"""Makes the data of the guide's pictures, as line protocol.

    ./data.py requests | delays | customers
"""

import math
import random
import sys

START = 1_700_438_400  # 2023-11-20 00:00 UTC


def requests():
    """Requests of a service: eight days, a point each 10 minutes, with a day's shape, growth, noise and an outage."""
    day = 144
    for number in range(8 * day):
        angle = 2 * math.pi * number / day
        shape = 1 - math.cos(angle) + 0.4 * math.sin(2 * angle)
        count = 200 + 0.05 * number + 220 * shape + random.gauss(0, 15)
        if 6.55 <= number / day < 6.65:
            count *= 0.3
        yield f"requests,service=shop count={max(0, round(count))}i", START + 600 * number


def delays():
    """Delays in ms: a point each second, about 50, and for ten minutes either about 35 or about 65."""
    for number in range(3600):
        middle = random.choice([35, 65]) if 2100 <= number < 2700 else 50
        yield f"delays,host=a ms={random.gauss(middle, 5):.1f}", START + number


def customers():
    """Customers of a service, some of them again and again. `true` is how many different ones there were."""
    seen = set()
    for number in range(40_000):
        customer = int(random.expovariate(1 / 8_000))
        seen.add(customer)
        yield f"requests,customer=c{customer} true={len(seen)}i", START + number * 0.09


def main():
    random.seed(1)
    made = {"requests": requests, "delays": delays, "customers": customers}[sys.argv[1]]
    for line, time in made():
        print(f"{line} {round(time * 1000)}000000")


if __name__ == "__main__":
    main()
