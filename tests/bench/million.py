#!/usr/bin/env python3
"""A million images: does a crawl's rate fall, does its memory grow, how large is the ledger, what does a second job
cost, how soon does a killed crawl go on? The images come from number_site (loopback, no files). Prints a table, and to
stderr the rate of every tenth; exits with 1 when a bound does not hold.

    million.py [--images N] [--directory DIR] [--doutu PROGRAM] [--site PROGRAM] [--downloaders N] [--samples FILE]

    --images N       default 1,000,000; a multiple of 1,000, from 100,000 on
    --directory DIR  where a folder is made, and removed at the end; default /dev/shm; a million files take 6 GB there
    --samples FILE   every sample as a line of tab-separated text: crawl, seconds, images saved, PSS and the downloader's
                     anonymous memory in bytes
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import NamedTuple

import memory

ROOT = pathlib.Path(__file__).resolve().parents[2]
XPATH = "//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original"
PER_PAGE = 100
BYTES_PER_FILE = 6_000  # in memory: a page of 4 KiB, its inode, its name, its row in the ledger


class Sample(NamedTuple):
    seconds: float
    saved: int
    pss: int
    downloader: int  # its anonymous memory, which depends on no other process


class Site:
    """number_site; it ends with this object."""

    def __init__(self, program: str):
        self.process = subprocess.Popen([program, str(PER_PAGE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def counters(self) -> dict[str, int]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        with contextlib.closing(connection):
            connection.request("GET", "/counters")
            return json.load(connection.getresponse())

    def distinct_images(self) -> int:
        """Images that were served at least once."""
        counters = self.counters()
        return counters["images"] - counters["again"]


class Crawl:
    """A crawl of so many images into a folder."""

    def __init__(self, options: argparse.Namespace, site: Site, folder: str):
        self.options, self.site, self.folder = options, site, folder

    def start(self) -> subprocess.Popen:
        command = [self.options.doutu, "crawl", f"http://127.0.0.1:{self.site.port}/list/?page={{page}}",
                   "--pages", f"1-{self.options.images // PER_PAGE}", "--xpath", XPATH, "--directory", self.folder,
                   "--downloaders", str(self.options.downloaders), "--progress", "none", "-q"]
        return subprocess.Popen(command)

    def status(self) -> dict:
        out = subprocess.run([self.options.doutu, "status", "--json", self.folder], capture_output=True, text=True).stdout
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(out)
        return {}

    def samples(self, process: subprocess.Popen, name: str) -> Iterator[Sample]:
        """One each second, while the crawl runs."""
        began = time.time()
        while process.poll() is None:
            status = self.status()
            if status.get("pid") == process.pid and status.get("processes"):
                sample = Sample(status["updated_ms"] / 1000 - began, status["images"]["outcomes"]["saved"],
                                memory.memory_of_group(process.pid),
                                memory.memory_of_group(status["processes"][-1]["pid"], "Pss_Anon"))
                if self.options.samples:
                    print(name, *sample, sep="\t", file=self.options.samples, flush=True)
                yield sample
            time.sleep(1)

    def report(self) -> dict:
        return json.loads(pathlib.Path(self.folder, ".doutu/report.json").read_text())

    def ledger_bytes(self) -> int:
        return sum(file.stat().st_size for file in pathlib.Path(self.folder, ".doutu").glob("ledger.sqlite*"))


def at(samples: list[Sample], saved: int, what: str) -> float:
    """A sample's field at the moment when so many images were saved, between the two samples around it."""
    for before, after in zip(samples, samples[1:]):
        if before.saved <= saved <= after.saved and before.saved < after.saved:
            part = (saved - before.saved) / (after.saved - before.saved)
            return getattr(before, what) + part * (getattr(after, what) - getattr(before, what))
    return getattr(samples[-1], what)


def ended(process: subprocess.Popen, expected: int) -> None:
    if process.wait() != expected:
        sys.exit(f"the crawl ended with {process.returncode}, not {expected}")


def kill_all(process: subprocess.Popen) -> None:
    """The parent and its children, at one moment."""
    pids = [process.pid]
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == process.pid:
                pids.append(int(entry.name))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


class Bounds:
    """The table of what must hold."""

    def __init__(self) -> None:
        self.hold = True
        print("| | measured | bound | |\n|---|---:|---:|---|", flush=True)

    def row(self, what: str, measured: str, bound: str, holds: bool) -> None:
        self.hold = self.hold and holds
        print(f"| {what} | {measured} | {bound} | {'holds' if holds else '**does not hold**'} |", flush=True)


def whole_crawl(crawl: Crawl, bounds: Bounds) -> float:
    """Seconds that it took."""
    images, tenth = crawl.options.images, crawl.options.images // 10
    began = time.monotonic()
    process = crawl.start()
    samples = [sample for sample in crawl.samples(process, "first") if sample.saved > 0]
    ended(process, 0)
    took = time.monotonic() - began
    end = crawl.report()
    if end["images"]["outcomes"]["saved"] != images:
        sys.exit(f"{end['images']['outcomes']['saved']} images were saved, not {images}")

    first_ends = at(samples, samples[0].saved + tenth, "seconds")
    last = samples[-1]
    first = tenth / (first_ends - samples[0].seconds)
    final = tenth / (last.seconds - at(samples, last.saved - tenth, "seconds"))
    bounds.row(f"images/s of the last {tenth:,} beside the first", f"{final:,.0f} : {first:,.0f} = {final / first:.2f}",
               "0.95", final >= 0.95 * first)
    early = max(sample.pss for sample in samples if sample.saved <= tenth)
    late = max(sample.pss for sample in samples if sample.saved > tenth)
    bounds.row(f"highest PSS of all processes up to {tenth:,} and after",
               f"{early / 2**20:.1f} and {late / 2**20:.1f} MiB, {late / early - 1:+.1%}", "+30 %", late <= 1.3 * early)
    most = max(sample.downloader for sample in samples)
    bounds.row("the downloader's own memory, at most", f"{most / 2**20:.1f} MiB", "25 MiB", most <= 25 * 2**20)
    ledger = crawl.ledger_bytes() / images
    bounds.row("ledger, bytes an image", f"{ledger:.0f}", "210", ledger <= 210)
    print_tenths(samples, images)
    return took


def print_tenths(samples: list[Sample], images: int) -> None:
    """To stderr: how it went. Means of every tenth."""
    print("images up to\timages/s\tPSS, MiB\tdownloader, MiB", file=sys.stderr)
    for end in range(images // 10, images + 1, images // 10):
        tenth = [sample for sample in samples if end - images // 10 <= sample.saved <= end]
        if len(tenth) < 2:
            continue
        rate = (tenth[-1].saved - tenth[0].saved) / (tenth[-1].seconds - tenth[0].seconds)
        pss, downloader = (sum(field) / len(tenth) / 2**20 for field in list(zip(*tenth))[2:])
        print(f"{end}\t{rate:.0f}\t{pss:.1f}\t{downloader:.1f}", file=sys.stderr)


def second_job(crawl: Crawl, bounds: Bounds, first_took: float) -> None:
    before = crawl.site.counters()["images"]
    began = time.monotonic()
    process = crawl.start()
    for _ in crawl.samples(process, "second"):
        pass
    ended(process, 0)
    took = time.monotonic() - began
    fetched = crawl.site.counters()["images"] - before
    known = crawl.report()["images"]["outcomes"]["known"]
    bounds.row("second job: images fetched", f"{fetched:,} of {known:,}", "0",
               fetched == 0 and known == crawl.options.images)
    bounds.row("second job: times as fast", f"{first_took:.1f} s : {took:.1f} s = {first_took / took:.1f}", "4.0",
               first_took >= 4 * took)


def killed_half_way(crawl: Crawl, bounds: Bounds) -> None:
    process = crawl.start()
    for sample in crawl.samples(process, "killed"):
        if sample.saved >= crawl.options.images // 2:
            break
    kill_all(process)
    had = crawl.site.distinct_images()
    began = time.monotonic()
    process = crawl.start()
    while crawl.site.distinct_images() <= had and process.poll() is None:
        time.sleep(0.002)
    took = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    ended(process, 130)
    again = crawl.site.counters()["again"]
    bounds.row(f"killed at {had:,}: the first new image after", f"{took:.2f} s", "1.00 s", took <= 1)
    bounds.row("images that were in flight or not committed, fetched again", f"{again}", "1,000", again <= 1_000)


def refuse_without_room(folder: str, images: int) -> None:
    room = os.statvfs(folder)
    if 0 < room.f_files and room.f_favail < images * 1.05:
        sys.exit(f"{folder} has {room.f_favail:,} inodes left, {images:,} images need as many: choose another --directory")
    free = room.f_bavail * room.f_frsize
    kind = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True).stdout.strip()
    if kind == "tmpfs":
        memory_line = next(line for line in open("/proc/meminfo") if line.startswith("MemAvailable"))
        free = min(free, int(memory_line.split()[1]) * 1024)
    if free < images * BYTES_PER_FILE:
        sys.exit(f"{folder} has {free / 1e9:.1f} GB left, {images:,} images need {images * BYTES_PER_FILE / 1e9:.1f}: "
                 "choose another --directory")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--directory", default="/dev/shm")
    parser.add_argument("--doutu", default=str(ROOT / "build/release/bin/doutu"))
    parser.add_argument("--site", default=str(ROOT / "build/bench/bin/number_site"))
    parser.add_argument("--downloaders", type=int, default=20)
    parser.add_argument("--samples", type=argparse.FileType("w"))
    options = parser.parse_args()
    if options.images < 100_000 or options.images % 1_000:
        parser.error("--images: a multiple of 1,000, from 100,000 on")
    for program in (options.doutu, options.site):
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is not there: scripts/run builds doutu, scripts/test --preset bench the site")
    refuse_without_room(options.directory, options.images)
    return options


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="doutu-million-", dir=options.directory) as folder:
        bounds = Bounds()
        crawl = Crawl(options, Site(options.site), folder + "/whole")
        second_job(crawl, bounds, whole_crawl(crawl, bounds))
        shutil.rmtree(crawl.folder)
        killed_half_way(Crawl(options, Site(options.site), folder + "/killed"), bounds)
    sys.exit(0 if bounds.hold else 1)


if __name__ == "__main__":
    main()
