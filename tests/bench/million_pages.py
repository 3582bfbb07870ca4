#!/usr/bin/env python3
"""A million pages that links lead to: is memory flat, how soon does a killed crawl go on, does the second night fetch
any of them again? The pages come from number_site (loopback, no files): list pages of 100 links, each to a page with
one image. Prints a table; exits with 1 when a bound does not hold.

    million_pages.py [--pages N] [--directory DIR] [--doutu PROGRAM] [--site PROGRAM] [--fetchers N]

    --pages N        pages that are found; default 1,000,000; a multiple of 1,000
    --directory DIR  where a folder is made, and removed at the end; default /dev/shm; a million files take 6 GB there
"""
import argparse
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import memory
from million import ROOT, Bounds, Site, ended, kill_all

PER_LIST = 100
LINKS = "//li[@class='list-group-item']/a"
XPATH = "//img[@class='photo']"


class Crawl:
    def __init__(self, options: argparse.Namespace, site: Site, folder: str):
        self.options, self.site, self.folder = options, site, folder

    def start(self) -> subprocess.Popen:
        command = [self.options.doutu, "crawl", f"http://127.0.0.1:{self.site.port}/list/?page={{page}}",
                   "--pages", f"1-{self.options.pages // PER_LIST}", "--follow", LINKS, "--xpath", XPATH, "--max-pages",
                   "100000000", "--directory", self.folder, "--fetchers", str(self.options.fetchers), "--progress", "none", "-q"]
        return subprocess.Popen(command)

    def status(self) -> dict:
        out = subprocess.run([self.options.doutu, "status", "--json", self.folder], capture_output=True, text=True).stdout
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(out)
        return {}

    def report(self) -> dict:
        return json.loads(pathlib.Path(self.folder, ".doutu/report.json").read_text())


def wait_for(crawl: Crawl, process: subprocess.Popen, saved: int) -> list[dict[str, int]]:
    """Anonymous memory of each process by name, once a second, until so many images are saved or the crawl ends."""
    samples = []
    while process.poll() is None:
        status = crawl.status()
        if status.get("pid") == process.pid and status.get("processes"):
            sample = {"saved": status["images"]["outcomes"]["saved"], "parent": memory.memory_of_group(process.pid, "Pss_Anon")}
            for one in status["processes"]:
                if one.get("pid"):
                    sample[one["name"]] = memory.memory_of_group(one["pid"], "Pss_Anon")
            samples.append(sample)
            if sample["saved"] >= saved:
                break
        time.sleep(1)
    return samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument("--directory", default="/dev/shm")
    parser.add_argument("--doutu", default=str(ROOT / "build/release/bin/doutu"))
    parser.add_argument("--site", default=str(ROOT / "build/bench/bin/number_site"))
    parser.add_argument("--fetchers", type=int, default=4)
    options = parser.parse_args()
    bounds = Bounds()
    folder = tempfile.mkdtemp(prefix="doutu-million-pages-", dir=options.directory)
    try:
        site = Site(options.site)
        crawl = Crawl(options, site, folder)
        began = time.monotonic()
        process = crawl.start()
        samples = wait_for(crawl, process, options.pages * 9 // 10)
        kill_all(process)
        early = [s for s in samples if options.pages // 10 <= s["saved"] <= options.pages // 5] or samples[:1]
        for name in ("parent", "downloader", "fetcher 1"):
            first, last = max(s.get(name, 0) for s in early), max(s.get(name, 0) for s in samples)
            bounds.row(f"memory of the {name}, a fifth of the way and at most", f"{first / 2**20:.1f} and "
                       f"{last / 2**20:.1f} MiB", "+ 8 MiB, parent twice", last <= first + (8 << 20))
        before = site.counters()["photos"]
        restarted = time.monotonic()
        process = crawl.start()
        while site.counters()["photos"] == before and process.poll() is None:
            time.sleep(0.02)
        took = time.monotonic() - restarted
        bounds.row("the first page after a kill", f"{took:.2f} s", "3 s", took <= 3)
        ended(process, 0)
        whole = time.monotonic() - began
        outcomes = crawl.report()["images"]["outcomes"]
        bounds.row("images of the first night", f"{outcomes['saved']}", f"{options.pages}", outcomes["saved"] == options.pages)
        counters = site.counters()
        again = counters["photos"] - options.pages
        bounds.row("pages that were fetched again after the kill", f"{again}", "at most 64", again <= 64)
        size = sum(file.stat().st_size for file in pathlib.Path(folder, ".doutu").glob("ledger.sqlite*"))
        began = time.monotonic()
        ended(crawl.start(), 0)
        second = time.monotonic() - began
        pages = crawl.report()["pages"]
        bounds.row("found pages of the second night", f"{site.counters()['photos'] - counters['photos']} fetched, "
                   f"{pages['known']} known", f"0 and {options.pages}",
                   site.counters()["photos"] == counters["photos"] and pages["known"] == options.pages)
        print(f"\nFirst night {whole:.0f} s, second {second:.0f} s, {size / options.pages:.0f} bytes of ledger a page with "
              f"its image.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if bounds.hold else 1)


if __name__ == "__main__":
    main()
