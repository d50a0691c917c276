#!/usr/bin/env python3
"""Records what a Linux machine is doing, once a second, as line protocol.

    ./record.py --seconds 900 --host builder > machine.lp

Everything is read from /proc, so nothing has to be installed. Three measurements are written:

cpu   per core and for all cores together: the share of the last second, in percent, that
      was spent in user code, in the kernel, waiting for the disk and doing nothing
mem   bytes used, available and cached, and dirty pages waiting to be written
net   per interface: bytes and packets received and sent in the last second
"""

import argparse
import sys
import time


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().splitlines()


def cpu_ticks():
    """Ticks since boot by core: user (with nice), system (with interrupts), iowait, idle."""
    ticks = {}
    for line in read("/proc/stat"):
        if line.startswith("cpu"):
            name, *columns = line.split()
            user, nice, system, idle, iowait, irq, softirq = map(int, columns[:7])
            core = "total" if name == "cpu" else name[3:]
            ticks[core] = (user + nice, system + irq + softirq, iowait, idle)
    return ticks


def net_counters():
    counters = {}
    for line in read("/proc/net/dev")[2:]:
        interface, columns = line.split(":")
        columns = [int(column) for column in columns.split()]
        counters[interface.strip()] = (columns[0], columns[1], columns[8], columns[9])
    return counters


def mem_bytes():
    values = {}
    for line in read("/proc/meminfo"):
        name, value = line.split(":")
        values[name] = int(value.split()[0]) * 1024
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--host", default="localhost")
    arguments = parser.parse_args()
    host = arguments.host

    cpu, net = cpu_ticks(), net_counters()
    second = int(time.time()) + 1
    for _ in range(arguments.seconds):
        time.sleep(max(0.0, second - time.time()))
        stamp = second * 1_000_000_000
        cpu_before, net_before = cpu, net
        cpu, net, mem = cpu_ticks(), net_counters(), mem_bytes()
        for core, ticks in cpu.items():
            spent = [now - then for now, then in zip(ticks, cpu_before[core])]
            user, system, iowait, idle = (100.0 * part / max(1, sum(spent)) for part in spent)
            print(
                f"cpu,cpu={core},host={host} usage_user={user:.2f},usage_system={system:.2f},"
                f"usage_iowait={iowait:.2f},usage_idle={idle:.2f} {stamp}"
            )
        used = mem["MemTotal"] - mem["MemAvailable"]
        print(
            f"mem,host={host} used={used}i,available={mem['MemAvailable']}i,"
            f"cached={mem['Cached']}i,dirty={mem['Dirty']}i,"
            f"used_percent={100.0 * used / mem['MemTotal']:.2f} {stamp}"
        )
        for interface, counters in net.items():
            received, packets_in, sent, packets_out = (
                now - then for now, then in zip(counters, net_before.get(interface, counters))
            )
            print(
                f"net,host={host},interface={interface} bytes_recv={received}i,"
                f"packets_recv={packets_in}i,bytes_sent={sent}i,packets_sent={packets_out}i {stamp}"
            )
        sys.stdout.flush()
        second += 1


if __name__ == "__main__":
    main()
