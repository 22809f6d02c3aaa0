"""Draws docs/scoring.png from the benchmark's JSON; run by the benchmark in an environment that has matplotlib.

Usage: python chart.py RESULTS.json CHART.png
"""

# mypy: ignore-errors
from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

COLOURS = {"azmlinfsrv": "#9aa5b1", "MLServer": "#7b8794", "FastAPI": "#5b8def", "edgeway": "#0b8457"}
FLOOR = "#d9e2ec"


def medians(document, name, connections):
    return {
        (entry["server"], entry["workload"]): statistics.median(one[name] for one in entry["rounds"])
        for entry in document["loads"]
        if entry["connections"] == connections
    }


def bars(axes, values, title, form, *, log=False):
    names = list(values)
    axes.barh(names, [values[name] for name in names], color=[COLOURS.get(name, FLOOR) for name in names], log=log)
    for index, name in enumerate(names):
        axes.text(values[name], index, " " + form(values[name]), va="center", fontsize=8)
    axes.set_title(title, fontsize=9, loc="left")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.margins(x=0.25)
    axes.xaxis.set_visible(False)


def main():
    document = json.loads(Path(sys.argv[1]).read_text())
    rate, cpu, p99 = (medians(document, name, 16) for name in ("requests_per_s", "cpu_us", "p99_us"))
    figure, grid = pyplot.subplots(2, 4, figsize=(13, 5), layout="constrained")
    base = "azmlinfsrv"

    def over(workload):
        return {
            server: value / rate[base, workload]
            for (server, name), value in rate.items()
            if name == workload and (base, workload) in rate
        }

    def of(values, workload):
        return {server: value for (server, name), value in values.items() if name == workload}

    times = "{:.1f}x".format
    bars(grid[0][0], over("anomaly, 1 row"), "requests/s, 1 row", times)
    bars(grid[0][1], over("anomaly, 32 rows"), "requests/s, 32 rows", times)
    bars(grid[0][2], over("anomaly, 1,024 rows"), "requests/s, 1,024 rows", times)
    bars(grid[0][3], over("digits, JSON"), "requests/s, CNN, JSON", times)
    bars(grid[1][0], of(cpu, "anomaly, 1 row"), "CPU per request, us, 1 row", "{:.0f}".format)
    bars(grid[1][1], of(p99, "anomaly, 1 row"), "p99, ms, 16 connections, 1 row", lambda us: f"{us / 1000:.1f}")
    starts = {
        entry["server"]: statistics.median(one["cold_start_s"] for one in entry["rounds"])
        for entry in document["starts"]
        if entry["model"] == "anomaly"
    }
    memory = {
        entry["server"]: statistics.median(one["rss_bytes"] for one in entry["rounds"]) / 1e6
        for entry in document["starts"]
        if entry["model"] == "anomaly"
    }
    bars(grid[1][2], starts, "cold start to the first answer, s", "{:.2f}".format)
    bars(grid[1][3], memory, "memory after load, MB", "{:.0f}".format)
    machine = document["machine"]
    figure.suptitle(
        f"One core, 16 connections, every answer checked; requests/s are multiples of {base}'s. "
        f"{machine['cpu']}, {machine['system']}",
        fontsize=9,
        x=0.01,
        ha="left",
    )
    figure.savefig(sys.argv[2], dpi=110)


main()
