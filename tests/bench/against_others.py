#!/usr/bin/env python3
"""doutu beside the downloaders that are installed, on the site of small_site.py: interleaved rounds, medians, every file
compared by its SHA-256. scripts/bench builds doutu and calls this. Prints a table.

    against_others.py [--rounds N] [--pages N] [--downloaders N] [--output DIR] [--doutu PROGRAM]
"""
import argparse
import contextlib
import hashlib
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import memory
import small_site

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
XPATH = "//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original"
NGINX = """daemon off; worker_processes 1; error_log {0}/error.log; pid {0}/nginx.pid; {2}
events {{ worker_connections 4096; }}
http {{
  types {{ text/html html; image/png png; }}
  access_log off; sendfile on; tcp_nopush on; open_file_cache max=40000 inactive=600s;
  client_body_temp_path {0}/1; proxy_temp_path {0}/2; fastcgi_temp_path {0}/3; uwsgi_temp_path {0}/4; scgi_temp_path {0}/5;
  server {{ listen 127.0.0.1:{1} backlog=4096; root {0}/site; }}
}}
"""


class Site:
    """The folder, and whoever serves it, to the end of a with block."""

    def __init__(self, work: pathlib.Path, pages: int):
        self.pages = pages
        small_site.make(work / "site", pages)
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        self.port = self.start_nginx(nginx, work) if nginx else self.start_python(work)
        base = f"http://127.0.0.1:{self.port}"
        self.template = base + "/list/{page}.html"
        self.page_urls = [f"{base}/list/{page}.html" for page in range(1, pages + 1)]
        paths = [small_site.picture_path(number) for number in range(pages * small_site.PER_PAGE)]
        self.image_urls = [base + path for path in paths]
        self.digests = {digest_of(work / "site" / path[1:]) for path in paths}

    def start_nginx(self, nginx: str, work: pathlib.Path) -> int:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        (work / "nginx.conf").write_text(NGINX.format(work, port, "user root;" if os.geteuid() == 0 else ""))
        self.process = subprocess.Popen([nginx, "-p", work, "-c", work / "nginx.conf", "-e", work / "error.log"])
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return port
            time.sleep(0.05)
        sys.exit("nginx does not start: " + (work / "error.log").read_text())

    def start_python(self, work: pathlib.Path) -> int:
        print("nginx is not installed (apt-get install nginx-light): Python serves, and may be what is measured",
              file=sys.stderr)
        self.process = subprocess.Popen([sys.executable, HERE / "small_site.py", "serve", work / "site"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return int(self.process.stdout.readline())

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


class Peer(NamedTuple):
    name: str
    job: str  # "crawl": finds the pictures itself; "list": is given their URLs
    program: str
    package: str
    command: Callable[[pathlib.Path], list[str]]  # of the folder to fill


def peers(options: argparse.Namespace, site: Site, work: pathlib.Path) -> list[Peer]:
    many = str(options.downloaders)
    (work / "pages").write_text("\n".join(site.page_urls) + "\n")
    (work / "urls").write_text("\n".join(site.image_urls) + "\n")
    (work / "curl").write_text("".join(f'url = "{url}"\noutput = "{url.rsplit("/", 1)[1]}"\n' for url in site.image_urls))
    wget2 = ["wget2", "-q", "--no-config", "--no-robots", "-nd", "--max-threads", many]
    return [
        Peer("doutu", "crawl", options.doutu, "", lambda out: [
            options.doutu, "crawl", site.template, "--pages", f"1-{site.pages}", "--xpath", XPATH, "--directory", str(out),
            "--downloaders", many, "--progress", "none", "-q"]),
        Peer("wget2", "crawl", "wget2", "wget2", lambda out: [
            *wget2, "-P", str(out), "-r", "-l", "1", "--ignore-tags=a,img/src,link,script",
            "--follow-tags=img/data-original", "-i", str(work / "pages")]),
        Peer("curl -Z", "list", "curl", "curl", lambda out: [
            "curl", "-q", "-sS", "-Z", "--parallel-max", many, "--output-dir", str(out), "-K", str(work / "curl")]),
        Peer("wget2", "list", "wget2", "wget2", lambda out: [*wget2, "-P", str(out), "-i", str(work / "urls")]),
        Peer("aria2c", "list", "aria2c", "aria2", lambda out: [
            "aria2c", "--no-conf=true", "-q", "-i", str(work / "urls"), "-d", str(out), "-j", many, "-x1", "-s1",
            "--file-allocation=none", "--enable-dht=false", "--console-log-level=error"]),
    ]


def digest_of(file: pathlib.Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


class Run(NamedTuple):
    seconds: float
    cpu: float  # seconds, of all its processes


def run(peer: Peer, site: Site, out: pathlib.Path, meanwhile: Callable[[int], None] = lambda pid: None) -> Run:
    out.mkdir()
    began = time.monotonic()
    log = out.with_name("log")
    with log.open("wb") as said:
        process = subprocess.Popen(peer.command(out), stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    meanwhile(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    digests = {digest_of(file) for file in out.iterdir() if file.is_file()}
    shutil.rmtree(out)
    if process.returncode != 0 or not site.digests <= digests:
        sys.exit(f"{peer.name} ended with {process.returncode}; of {len(site.digests):,} pictures it lacks "
                 f"{len(site.digests - digests):,}\n{log.read_text(errors='replace')[-2000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime)


def peak_memory(peer: Peer, site: Site, out: pathlib.Path) -> int:
    """In a run of its own, because looking costs time."""
    peak = 0
    ended = threading.Event()

    def sample(pid: int) -> None:
        nonlocal peak
        while not ended.is_set() and os.path.exists(f"/proc/{pid}"):
            peak = max(peak, memory.memory_of_group(pid))
            time.sleep(0.01)

    run(peer, site, out, lambda pid: threading.Thread(target=sample, args=(pid,), daemon=True).start())
    ended.set()
    return peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=76)
    parser.add_argument("--downloaders", type=int, default=20)
    parser.add_argument("--output", default="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    parser.add_argument("--doutu", default=str(ROOT / "build/release/bin/doutu"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="doutu-bench-", dir=options.output) as folder:
        work = pathlib.Path(folder)
        with Site(work, options.pages) as site:
            compare(options, site, work)


def compare(options: argparse.Namespace, site: Site, work: pathlib.Path) -> None:
    every = peers(options, site, work)
    there = [peer for peer in every if shutil.which(peer.program)]
    if missing := sorted({peer.package for peer in every if peer not in there}):
        print("not installed, left out: apt-get install", *missing, file=sys.stderr)
    runs: dict[Peer, list[Run]] = {peer: [] for peer in there}
    for number in range(options.rounds):
        first = number % len(there)
        for peer in there[first:] + there[:first]:
            runs[peer].append(run(peer, site, work / "out"))
        print(f"round {number + 1} of {options.rounds} is done", file=sys.stderr)
    print_table(site, runs, {peer: peak_memory(peer, site, work / "out") for peer in there})


def print_table(site: Site, runs: dict[Peer, list[Run]], memories: dict[Peer, int]) -> None:
    images = len(site.image_urls)
    print(f"\n{images:,} pictures on {site.pages} pages, medians of {len(next(iter(runs.values())))} rounds\n")
    print("| | job | images/s | CPU-s per 1,000 | peak PSS |\n|---|---|---:|---:|---:|")
    for peer, its in runs.items():
        rate = images / statistics.median(one.seconds for one in its)
        cpu = statistics.median(one.cpu for one in its) / images * 1000
        print(f"| {peer.name} | {peer.job} | {rate:,.0f} | {cpu:.3f} | {memories[peer] / 2**20:.0f} MiB |")


if __name__ == "__main__":
    main()
