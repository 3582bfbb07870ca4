#!/usr/bin/env python3
"""A crawl that nothing goes well for: its processes are killed and stopped, its disk fills up, its server goes away,
stalls and errs, one after the other at random, for as long as asked. Meanwhile memory, descriptors, processes and
threads of all of it are sampled. Prints a table of their growth; exits with 1 when one of them grows, when an image is
lost or torn, when something is left behind, or when the totals do not add up. scripts/soak builds and starts it.

    soak.py MINUTES [--doutu PROGRAM] [--directory DIR] [--seed N] [--samples FILE]

    --directory DIR  where folders are made and removed; default /dev/shm. As root, a file system of its own is mounted
                     there, so that it can be full; as others, the crawl meets a limit on what it may leave free.
    --samples FILE   every sample as a line of tab-separated text
"""
import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
PER_PAGE = 20
ROUND_PAGES = 300        # of one crawl; then the next begins, into the same folder, with other images
DISK_BYTES = 96 << 20
HEARTBEAT = 3            # seconds after which a stopped process counts as dead
CALM = (1.0, 5.0)        # seconds between two mishaps
SAMPLE_EVERY = 3.0
WARM_UP = 0.2            # part of the samples that is left out: what a crawl takes once is no growth


def picture(number: int) -> bytes:
    """A PNG of a few hundred to some thousand bytes, another for every number."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    pixels = b"".join(b"\0" + random.Random(number * 64 + row).randbytes(32 * 3) for row in range(1 + number % 32))
    header = (32).to_bytes(4, "big") + (1 + number % 32).to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 1)) +
            chunk(b"IEND", b""))


class Site(asyncio.Protocol):
    """Pages and pictures made from their numbers. It may be down (connections are refused), and it errs with every so
    manieth answer, never with the same one twice: a retry helps."""

    faults = ["error", "cut", "reset", "stall"]
    connections: set["Site"] = set()
    erred: set[str] = set()
    answers = 0
    loop: asyncio.AbstractEventLoop
    server: asyncio.AbstractServer | None = None
    port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.unread = transport, b""
        self.connections.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, self.unread = self.unread.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1].decode()
            self.loop.call_later(0.1 if path.startswith("/list") else 0.002, self.answer, path)

    def answer(self, path: str) -> None:
        if self.transport.is_closing():
            return
        Site.answers += 1
        whole = self.whole(path)
        if Site.answers % 97 == 0 and path not in self.erred:
            self.erred.add(path)
            return self.err(whole, self.faults[Site.answers // 97 % len(self.faults)])
        self.transport.write(whole)

    def err(self, whole: bytes, fault: str) -> None:
        if fault == "error":
            return self.transport.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
        if fault != "reset":
            self.transport.write(whole[:len(whole) // 2])
        if fault == "cut":
            return self.transport.close()
        if fault == "reset":
            return self.transport.abort()
        self.loop.call_later(4, self.transport.abort)

    def whole(self, path: str) -> bytes:
        kind, number = path[1:5], int(path[6:].split(".")[0])
        if kind == "list":
            first = number * PER_PAGE
            body = "".join(f'<img src="/pics/{i}.png">\n' for i in range(first - 1, first + PER_PAGE)).encode()
        else:
            body = picture(number)
        type_ = b"text/html" if kind == "list" else b"image/png"
        return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (type_, len(body), body)

    # --- By the thread of the mishaps.

    @classmethod
    def start(cls) -> None:
        cls.loop = asyncio.new_event_loop()
        threading.Thread(target=cls.loop.run_forever, daemon=True).start()
        cls.come_back()

    @classmethod
    def come_back(cls) -> None:
        async def listen() -> None:
            cls.server = await cls.loop.create_server(cls, "127.0.0.1", cls.port, reuse_address=True, backlog=512)
            cls.port = cls.server.sockets[0].getsockname()[1]
        asyncio.run_coroutine_threadsafe(listen(), cls.loop).result()

    @classmethod
    def go_down(cls) -> None:
        async def close() -> None:
            cls.server.close()
            for connection in list(cls.connections):
                connection.transport.abort()
        asyncio.run_coroutine_threadsafe(close(), cls.loop).result()


class Disk:
    """Where the crawl writes: a small file system that can be filled up, where this process may mount one."""

    def __init__(self, parent: str):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="doutu-soak-", dir=parent))
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "doutu-soak", str(self.folder)]
        self.mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
        self.filler = self.folder / "filler"

    def fill(self) -> None:
        with contextlib.suppress(OSError), open(self.filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))

    def free(self) -> None:
        self.filler.unlink(missing_ok=True)

    def remove(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)
        subprocess.run(["rm", "-rf", str(self.folder), f"{self.folder}.stderr"], check=True)


class Sample(NamedTuple):
    seconds: float
    pss: int
    descriptors: int
    processes: int
    threads: int


def children_of(parent: int) -> list[int]:
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append(int(entry.name))
    return found


def sample_of(parent: int, seconds: float) -> Sample | None:
    """None when it was not whole: one of its processes was just being replaced."""
    totals = [0, 0, 0, 0]
    for pid in [parent, *children_of(parent)]:
        process = pathlib.Path("/proc", str(pid))
        try:
            pss = next(line for line in (process / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
            for i, value in enumerate((int(pss.split()[1]) * 1024, len(os.listdir(process / "fd")), 1,
                                       len(os.listdir(process / "task")))):
                totals[i] += value
        except (OSError, StopIteration):
            return None
    return Sample(seconds, *totals)


class Soak:
    def __init__(self, options: argparse.Namespace, disk: Disk):
        self.options, self.disk, self.random = options, disk, random.Random(options.seed)
        self.folder = disk.folder / "img"
        self.process: subprocess.Popen | None = None
        self.round = 0
        self.checked = self.lost = self.torn = self.strays = self.starts = 0
        self.unbalanced = self.refused = 0
        self.stderr = pathlib.Path(f"{disk.folder}.stderr")
        self.mishaps: dict[str, int] = {}
        self.samples: list[Sample] = []
        self.began = time.time()

    # --- The crawl.

    def pages(self) -> tuple[int, int]:
        return 1 + self.round * ROUND_PAGES, (self.round + 1) * ROUND_PAGES

    def start(self) -> None:
        first, last = self.pages()
        self.starts += 1
        self.process = subprocess.Popen(
            [self.options.doutu, "crawl", f"http://127.0.0.1:{Site.port}/list/{{page}}", "--pages", f"{first}-{last}",
             "--xpath", "//img/@src", "--directory", str(self.folder), "--progress", "none", "-q", "--retries", "20",
             "--retry-wait", "0.1", "--heartbeat", str(HEARTBEAT), "--fetchers", "2", "--downloaders", "10",
             "--speed-time", "2", "--page-timeout", "5", "--min-free-disk", "1M"], stderr=self.stderr.open("wb"))

    def expected(self) -> Iterator[int]:
        """The first image of all but the first round is the last of the one before: known, and not fetched again."""
        first, last = self.pages()
        return iter(range(first * PER_PAGE - (self.round == 0), last * PER_PAGE + PER_PAGE))

    def check_round(self) -> None:
        """Every image is there and whole, the totals add up, nothing lies about; then the room is given back."""
        report = json.loads((self.folder / ".doutu/report.json").read_text())
        images, pages = report["images"], report["pages"]
        found = sum(images["outcomes"].values())
        asked = sum(pages["outcomes"].values())
        whole = images["found"] == found == ROUND_PAGES * (PER_PAGE + 1) and pages["asked"] == asked == ROUND_PAGES
        self.unbalanced += not (whole and report["outcome"] == "complete")
        names = {entry.name for entry in os.scandir(self.folder) if entry.is_file()}
        for number in self.expected():
            self.checked += 1
            file = self.folder / f"{number}.png"
            if file.name not in names:
                self.lost += 1
            elif hashlib.sha256(file.read_bytes()).digest() != hashlib.sha256(picture(number)).digest():
                self.torn += 1
            names.discard(file.name)
            file.unlink(missing_ok=True)
        self.strays += len(names) + len(os.listdir(self.folder / ".doutu/incoming"))
        for name in names:
            print("stray:", name, file=sys.stderr)

    def see_to_crawl(self) -> None:
        """Starts it again when it was killed, and the next when it is complete."""
        status = self.process.poll()
        if status is None:
            return
        if status == 0:
            self.check_round()
            self.round += 1
        elif status == 1 and "make room and start again" in self.log():  # began while the disk was full
            self.refused += 1
        elif status != -signal.SIGKILL:
            raise SystemExit(f"the crawl ended with {status}: \n{self.log()}")
        self.start()

    def log(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / ".doutu/crawl.log").read_text()[-2000:] + self.stderr.read_text()[-2000:]
        return ""

    # --- Mishaps.

    def kill(self) -> None:
        victims = [self.process.pid, *children_of(self.process.pid)]
        for pid in self.random.choice([victims, [self.random.choice(victims)]]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        victim = self.random.choice([self.process.pid, *children_of(self.process.pid)])
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGSTOP)
            self.wait(self.random.uniform(0.5, 2 * HEARTBEAT))
            os.kill(victim, signal.SIGCONT)

    def fill_disk(self) -> None:
        if not self.disk.mounted:
            return
        self.disk.fill()
        self.wait(self.random.uniform(1, 4))
        self.disk.free()

    def take_server_away(self) -> None:
        Site.go_down()
        self.wait(self.random.uniform(0.5, 4))
        Site.come_back()

    def wait(self, seconds: float) -> None:
        """Samples meanwhile."""
        end = time.time() + seconds
        while (left := end - time.time()) > 0:
            now = time.time() - self.began
            if not self.samples or now - self.samples[-1].seconds >= SAMPLE_EVERY:
                self.take_sample(now)
            time.sleep(min(left, 0.25))

    def take_sample(self, now: float) -> None:
        sample = sample_of(self.process.pid, now)
        if sample is None or sample.processes < 3:  # while one is replaced, or without a fetcher at the end
            return
        self.samples.append(sample)
        if self.options.samples:
            print(*sample, sep="\t", file=self.options.samples, flush=True)

    def run(self) -> None:
        self.start()
        end = self.began + self.options.minutes * 60
        while time.time() < end:
            self.wait(self.random.uniform(*CALM))
            self.see_to_crawl()
            mishap = self.random.choice([self.kill, self.kill, self.stop, self.fill_disk, self.take_server_away])
            self.mishaps[mishap.__name__] = self.mishaps.get(mishap.__name__, 0) + 1
            mishap()
            self.see_to_crawl()
        last = self.round
        limit = time.time() + 600
        while self.round == last and time.time() < limit:  # to its end, undisturbed
            self.wait(0.5)
            self.see_to_crawl()
        if self.round == last:
            self.unbalanced += 1
            print("the last crawl did not come to its end", file=sys.stderr)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def trend(seconds: list[float], values: list[int]) -> tuple[float, float]:
    """The slope an hour by least squares, and twice its standard error, with as few independent samples as the series
    has by its own correlation from one to the next."""
    line = statistics.linear_regression(seconds, values)
    rest = [value - line.slope * at - line.intercept for at, value in zip(seconds, values)]
    spread = sum(r * r for r in rest)
    follows = max(0.0, min(0.95, sum(a * b for a, b in zip(rest, rest[1:])) / spread)) if spread else 0.0
    independent = max(3.0, len(values) * (1 - follows) / (1 + follows))
    middle = statistics.fmean(seconds)
    width = sum((at - middle)**2 for at in seconds) * independent / len(seconds)
    return line.slope * 3600, 2 * (spread / len(rest) * independent / (independent - 2) / width)**0.5 * 3600


def grows(values: list[int], slope: float, noise: float, hours: float) -> bool:
    """Beyond the noise, and by a twentieth of it in the time: what is less cannot be told."""
    return slope > noise and slope * hours > 0.05 * statistics.fmean(values)


def table(soak: Soak) -> bool:
    used = soak.samples[int(len(soak.samples) * WARM_UP):]
    if len(used) < 10:
        print("too few samples for a slope: more minutes")
        return False
    seconds = [sample.seconds for sample in used]
    good = True
    print("| of all processes | median | least | most | slope per hour | noise | |\n|---|---:|---:|---:|---:|---:|---|")
    for field in Sample._fields[1:]:
        values = [getattr(sample, field) for sample in used]
        slope, noise = trend(seconds, values)
        leak = grows(values, slope, noise, (seconds[-1] - seconds[0]) / 3600)
        good = good and not leak
        unit, name = (2**20, "memory (PSS), MiB") if field == "pss" else (1, field)
        print(f"| {name} | {statistics.median(values) / unit:.1f} | {min(values) / unit:.1f} | {max(values) / unit:.1f} "
              f"| {slope / unit:+.2f} | {noise / unit:.2f} | {'**grows**' if leak else 'level'} |")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--doutu", default=str(ROOT / "build/release/bin/doutu"))
    parser.add_argument("--directory", default="/dev/shm")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=argparse.FileType("w"))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    disk = Disk(options.directory)
    Site.start()
    soak = Soak(options, disk)
    try:
        soak.run()
    finally:
        if soak.process and soak.process.poll() is None:
            soak.process.kill()
            soak.process.wait()
        disk.remove()
    level = table(soak)
    print(f"\n{(time.time() - soak.began) / 60:.1f} minutes, seed {options.seed}, {len(soak.samples)} samples, "
          f"{soak.round} crawls of {ROUND_PAGES} pages, {soak.starts} starts, {soak.refused} of them "
          f"on a full disk; " +
          ", ".join(f"{name} {count}" for name, count in sorted(soak.mishaps.items())) +
          f"\n{soak.checked:,} images checked: {soak.lost} lost, {soak.torn} torn, {soak.strays} stray files, "
          f"{soak.unbalanced} totals that do not add up")
    sys.exit(0 if level and soak.lost + soak.torn + soak.strays + soak.unbalanced == 0 else 1)


if __name__ == "__main__":
    main()
