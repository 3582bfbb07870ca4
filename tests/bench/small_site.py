#!/usr/bin/env python3
"""A site in a folder, for scripts/bench: list pages of the case study's shape and small pictures that are drawn here, the
same on every machine. nginx serves it, or this file does where there is no nginx.

    small_site.py make FOLDER PAGES      pages of 68 pictures: FOLDER/list/N.html and FOLDER/uploads/2019/MM/NAME.png
    small_site.py serve FOLDER           from memory, on a free loopback port, which it prints; until its stdin ends
"""
import asyncio
import pathlib
import random
import statistics
import struct
import sys
import zlib

PER_PAGE = 68
MEDIAN_BYTES = 4096
WORDS = "熊猫头 打工人 摸鱼 下班啦 吃瓜 震惊 收到 哈哈哈 无语 可爱".split()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def draw(number: int) -> bytes:
    """A PNG of coloured stripes with a photograph's noise in the middle; sizes are log-normal around MEDIAN_BYTES."""
    rng = random.Random(number)
    noise = int(MEDIAN_BYTES * min(rng.lognormvariate(0, 0.9), 30))
    side = max(24, int((noise / 1.5) ** 0.5))
    inside = min(noise // side // 3, side)
    rows = []
    for y in range(side):
        stripe = rng.randbytes(3) if y % 8 == 0 else rows[-1][1:4]
        rows.append(b"\0" + stripe * (side - inside) + rng.randbytes(3 * inside))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", b"number\0%d" % number) +
            chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) + chunk(b"IEND", b""))


def picture_path(number: int) -> str:
    return f"/uploads/2019/{number % 12 + 1:02}/meme-{number:06}.png"


def list_page(page: int) -> str:
    """As lazy loading writes it, with pictures that the XPath must not find: another class, another policy."""
    items = []
    for number in range((page - 1) * PER_PAGE, page * PER_PAGE):
        word = WORDS[number % len(WORDS)]
        items.append(f'  <li class="list-group-item"><a class="col-xs-6" href="/photo/{number}" style="padding:5px;">\n'
                     f'    <img referrerpolicy="no-referrer" src="/static/loader.gif?33" data-original="{picture_path(number)}"'
                     f' alt="{word}" class="img-responsive lazy image_dta" data-id="{number}">\n'
                     f'    <p style="display: none">{word} &amp; {word}</p></a></li>\n')
    for number in range(16):
        items.append(f'  <li class="list-group-item hot"><img referrerpolicy="no-referrer" src="/ads/{number}.png"></li>\n'
                     f'  <li class="list-group-item"><img referrerpolicy="origin" src="/ads/{number}.png"></li>\n')
    return (f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head><meta charset="utf-8"><title>最新表情 {page}</title></head>\n'
            f'<body>\n<ul class="list-group">\n{"".join(items)}</ul>\n</body>\n</html>\n')


def make(folder: pathlib.Path, pages: int) -> None:
    (folder / "list").mkdir(parents=True)
    for month in range(1, 13):
        (folder / f"uploads/2019/{month:02}").mkdir(parents=True)
    sizes = []
    for number in range(pages * PER_PAGE):
        picture = draw(number)
        (folder / picture_path(number)[1:]).write_bytes(picture)
        sizes.append(len(picture))
    for page in range(1, pages + 1):
        (folder / f"list/{page}.html").write_text(list_page(page), encoding="utf-8")
    print(f"{pages} pages, {len(sizes):,} pictures of {min(sizes):,} to {max(sizes):,} bytes, "
          f"median {statistics.median(sizes):,.0f}", file=sys.stderr)


class FolderSite(asyncio.Protocol):
    answers: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.unread = transport, b""

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while b"\r\n\r\n" in self.unread:
            head, self.unread = self.unread.split(b"\r\n\r\n", 1)
            self.transport.write(self.answers.get(head.split(b" ", 2)[1], b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"))


async def serve(folder: pathlib.Path) -> None:
    types = {".html": b"text/html", ".png": b"image/png"}
    for file in folder.rglob("*.*"):
        body = file.read_bytes()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (types[file.suffix], len(body))
        FolderSite.answers[b"/" + str(file.relative_to(folder)).encode()] = head + body
    loop = asyncio.get_running_loop()
    server = await loop.create_server(FolderSite, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    match sys.argv[1:]:
        case ["make", folder, pages]:
            make(pathlib.Path(folder), int(pages))
        case ["serve", folder]:
            asyncio.run(serve(pathlib.Path(folder)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
