#!/usr/bin/env python3
"""One process against many: pages per second by --fetchers, images per second by --downloaders, from a server on
loopback that answers everything after 50 ms. Prints the table of docs/performance.md.

    one_against_many.py [DOUTU]        default: build/release/bin/doutu
"""
import asyncio
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

DELAY = 0.050
ROOT = pathlib.Path(__file__).resolve().parents[2]


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(number):
    """A valid PNG of one pixel; every number gives other bytes."""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) +
            chunk(b"tEXt", b"n\0%d" % number) + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b""))


class Site(asyncio.Protocol):
    """/list/PER_PAGE/PAGE is a list page, /NUMBER.png a picture."""

    def connection_made(self, transport):
        self.transport, self.unread = transport, b""

    def data_received(self, data):
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, self.unread = self.unread.split(b"\r\n\r\n", 1)
            asyncio.get_running_loop().call_later(DELAY, self.answer, head.split(b" ", 2)[1].decode())

    def answer(self, path):
        if path.startswith("/list/"):
            per_page, page = map(int, path[6:].split("/"))
            body = "".join(f'<li><img src="/{page * per_page + i}.png"></li>' for i in range(per_page)).encode()
        else:
            body = picture(int(path[1:].removesuffix(".png")))
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def serve():
    ready = threading.Event()
    port = []

    async def run():
        server = await asyncio.get_running_loop().create_server(Site, "127.0.0.1", 0, backlog=1024)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait()
    return port[0]


def crawl(doutu, url, pages, *flags):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as out:
        began = time.monotonic()
        subprocess.run([doutu, "crawl", url, "--pages", f"1-{pages}", "--xpath", "//img", "--directory", out,
                        "--progress", "none", "-q", *flags], check=True)
        return time.monotonic() - began


def main():
    doutu = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/bin/doutu")
    base = f"http://127.0.0.1:{serve()}"
    print(f"Server on loopback, {DELAY * 1000:.0f} ms before every answer; {os.cpu_count()} cores.\n")
    print("| fetchers | pages/s | | downloaders | images/s |\n|---:|---:|---|---:|---:|")
    rows = []
    for fetchers, downloaders in ((1, 1), (2, 5), (4, 20), (None, 100)):
        left = ["", ""]
        if fetchers:
            pages = 100 * fetchers
            took = crawl(doutu, base + "/list/1/{page}", pages, "--fetchers", str(fetchers))
            left = [str(fetchers), f"{pages / took:.1f}"]
        images = 100 * downloaders
        took = crawl(doutu, f"{base}/list/{images}/1{{page}}", 1, "--downloaders", str(downloaders))
        rows.append([*left, "", str(downloaders), f"{images / took:.0f}"])
        print("| " + " | ".join(rows[-1]) + " |", flush=True)


if __name__ == "__main__":
    main()
