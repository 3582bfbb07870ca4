#!/usr/bin/env python3
"""What bad neighbours cost a good host: 400 images that are answered after 100 ms, among as many images of hosts that
never answer, and of hosts that drip a byte a second, on the same ten pages. Prints how long the good ones take, alone
and among each kind. Loopback only: every neighbour is an address of its own in 127.9.0.0/16.

    bad_neighbours.py [--hosts 3000] [--rounds 3] [DOUTU]        default: build/release/bin/doutu
"""
import argparse
import asyncio
import random
import socket
import statistics
import subprocess
import tempfile
import threading
import time

from one_against_many import ROOT, picture

DELAY = 0.1
GOOD, PAGES = 400, 10
LIMIT = 60


class Site(asyncio.Protocol):
    """/list/N is pages[N], /g/NUMBER.png a picture of the good host."""
    pages, asked = {}, []

    def connection_made(self, transport):
        self.transport, self.unread = transport, b""

    def data_received(self, data):
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, self.unread = self.unread.split(b"\r\n\r\n", 1)
            path = head.split(b" ", 2)[1].decode()
            if path.startswith("/g/"):
                Site.asked.append((path, time.monotonic()))
            asyncio.get_running_loop().call_later(DELAY, self.answer, path)

    def answer(self, path):
        body = Site.pages[path].encode() if path in Site.pages else picture(int(path[3:].removesuffix(".png")))
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


class Drip(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        self.drip(picture(1))

    def drip(self, rest):
        self.transport.write(rest[:1])
        if not self.transport.is_closing():
            asyncio.get_running_loop().call_later(1, self.drip, rest[1:] or b"\0")


def serve():
    """Ports of the site and of the hosts that drip."""
    ready, ports = threading.Event(), []

    async def run():
        loop = asyncio.get_running_loop()
        servers = [await loop.create_server(Site, "127.0.0.1", 0, backlog=1024),
                   await loop.create_server(Drip, "0.0.0.0", 0, backlog=1024)]
        ports.extend(server.sockets[0].getsockname()[1] for server in servers)
        ready.set()
        await asyncio.gather(*(server.serve_forever() for server in servers))

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait()
    return ports


def dead():
    """A port at which no address answers: its queue of connections is full, and the kernel drops what comes."""
    sockets = [socket.socket()]
    sockets[0].bind(("0.0.0.0", 0))
    sockets[0].listen(0)
    for _ in range(3):
        sockets.append(socket.socket())
        sockets[-1].setblocking(False)
        sockets[-1].connect_ex(("127.0.0.1", sockets[0].getsockname()[1]))
    return sockets


def make_pages(hosts, port):
    urls = [f"/g/{n}.png" for n in range(GOOD)]
    urls += [f"http://127.9.{n // 250}.{n % 250 + 1}:{port}/x.png" for n in range(hosts)]
    random.Random(1).shuffle(urls)
    Site.pages = {f"/list/{page}": "".join(f'<img src="{url}">' for url in urls[page::PAGES]) for page in range(PAGES)}


def good_time(doutu, site):
    """Seconds from the first request for a good image to the last, or how many were asked for within LIMIT seconds."""
    Site.asked = []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as out:
        crawl = subprocess.Popen([doutu, "crawl", f"http://127.0.0.1:{site}/list/{{page}}", "--pages", f"0-{PAGES - 1}",
                                  "--xpath", "//img/@src", "--directory", out, "--progress", "none", "-q",
                                  "--allow-private"])
        until = time.monotonic() + LIMIT
        while len({path for path, _ in Site.asked}) < GOOD and time.monotonic() < until:
            time.sleep(0.01)
        crawl.kill()
        crawl.wait()
        time.sleep(1)  # Its downloader ends by itself.
    done = len({path for path, _ in Site.asked})
    if done < GOOD:
        print(f"    only {done} of {GOOD} after {LIMIT} s", flush=True)
        return float("inf")
    return Site.asked[-1][1] - Site.asked[0][1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("doutu", nargs="?", default=str(ROOT / "build/release/bin/doutu"))
    asked = parser.parse_args()
    site, drips = serve()
    sockets = dead()
    print(f"{GOOD} images of a host that answers after {DELAY * 1000:.0f} ms; seconds, medians of {asked.rounds} rounds.\n")
    print("| beside | seconds |\n|---|---:|")
    for name, hosts, port in (("nobody", 0, 0),
                              (f"{asked.hosts} hosts that never answer", asked.hosts, sockets[0].getsockname()[1]),
                              (f"{asked.hosts} hosts that drip", asked.hosts, drips)):
        make_pages(hosts, port)
        took = statistics.median(good_time(asked.doutu, site) for _ in range(asked.rounds))
        print(f"| {name} | {took:.1f} |", flush=True)


if __name__ == "__main__":
    main()
