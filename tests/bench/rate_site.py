#!/usr/bin/env python3
"""What --limit-rate comes to: crawls a site of 20 pages and 200 images of about 150 KB under it, and says how long that
took against the bytes over the rate, and how fast the server sent in each five seconds.

    tests/bench/rate_site.py build/release/bin/doutu [RATE] [FLAG...]     (RATE in bytes per second; 1048576)
"""
import http.server
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

PAGES, IMAGES_EACH, IMAGE_BYTES, WINDOW = 20, 10, 150_000, 5.0


def gif(number: int, size: int) -> bytes:
    """A whole GIF of one pixel, whose comments make it as large as that."""
    head = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
    image = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    block = b"\xff" + (b"%06d" % number * 43)[:255]
    return head + b"!\xfe" + block * ((size - len(head) - len(image)) // 256) + b"\0" + image


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sent: list = []

    asked: list = []

    def setup(self):
        # What write() takes and the other side has not is no more than this.
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        super().setup()

    def do_GET(self):
        self.asked.append(self.path)
        number = int("".join(filter(str.isdigit, self.path)) or 0)
        if self.path.startswith("/page"):
            rows = range(number * IMAGES_EACH, (number + 1) * IMAGES_EACH)
            body = "".join(f'<img src="/{i}.gif">' for i in rows).encode() + b"<!--" + b"x" * 20_000 + b"-->"
        else:
            body = gif(number, IMAGE_BYTES)
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path.startswith("/page") else "image/gif")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for at in range(0, len(body), 4096):
            self.wfile.write(body[at : at + 4096])
            self.sent.append((time.monotonic(), len(body[at : at + 4096])))

    def log_message(self, *_):
        pass


def main() -> None:
    program, rate = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 20
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    site.daemon_threads = True
    threading.Thread(target=site.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{site.server_port}/page{{page}}"
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "crawl", url, "--pages", f"0-{PAGES - 1}", "-d", folder, "--limit-rate", str(rate), "--progress", "none"]
        began = time.monotonic()
        status = subprocess.run([*command, *sys.argv[3:]], check=False).returncode
        took = time.monotonic() - began
        images = sum(name.endswith(".gif") for name in os.listdir(folder))
    total = sum(count for _, count in Site.sent)
    print(f"exit {status}, {images} images, {total} bytes in {took:.2f} s; bytes / rate = {total / rate:.2f} s, "
          f"{100 * (took / (total / rate) - 1):+.1f} %")
    again = sorted({path for path in Site.asked if Site.asked.count(path) > 1})
    if again:
        print(f"  asked for more than once: {' '.join(again)}")
    first = Site.sent[0][0]
    for window in range(int((Site.sent[-1][0] - first) / WINDOW) + 1):
        count = sum(n for at, n in Site.sent if window <= (at - first) / WINDOW < window + 1)
        print(f"  {window * WINDOW:5.0f} s: {count / WINDOW / rate:6.3f} of the rate")


if __name__ == "__main__":
    main()
