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
BASE = "azmlinfsrv"


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
    figure, grid = pyplot.subplots(2, 4, figsize=(13, 5), layout="constrained")
    rates(grid[0], medians(document, "requests_per_s", 16))
    costs(grid[1], document)
    machine = document["machine"]
    figure.suptitle(
        f"One core, 16 connections, every answer checked; requests/s are multiples of {BASE}'s. "
        f"{machine['cpu']}, {machine['system']}",
        fontsize=9,
        x=0.01,
        ha="left",
    )
    figure.savefig(sys.argv[2], dpi=110)


def rates(axes, rate):
    def over(workload):
        return {
            server: value / rate[BASE, workload]
            for (server, name), value in rate.items()
            if name == workload and (BASE, workload) in rate
        }

    times = "{:.1f}x".format
    bars(axes[0], over("anomaly, 1 row"), "requests/s, 1 row", times)
    bars(axes[1], over("anomaly, 32 rows"), "requests/s, 32 rows", times)
    bars(axes[2], over("anomaly, 1,024 rows"), "requests/s, 1,024 rows", times)
    bars(axes[3], over("digits, JSON"), "requests/s, CNN, JSON", times)


def costs(axes, document):
    def of(measure, workload):
        return {server: value for (server, name), value in medians(document, measure, 16).items() if name == workload}

    def at_start(measure, scale):
        return {
            entry["server"]: statistics.median(one[measure] for one in entry["rounds"]) / scale
            for entry in document["starts"]
            if entry["model"] == "anomaly"
        }

    bars(axes[0], of("cpu_us", "anomaly, 1 row"), "CPU per request, us, 1 row", "{:.0f}".format)
    bars(axes[1], of("p99_us", "anomaly, 1 row"), "p99, ms, 16 connections, 1 row", lambda us: f"{us / 1000:.1f}")
    bars(axes[2], at_start("cold_start_s", 1), "cold start to the first answer, s", "{:.2f}".format)
    bars(axes[3], at_start("rss_bytes", 1e6), "memory after load, MB", "{:.0f}".format)


main()
