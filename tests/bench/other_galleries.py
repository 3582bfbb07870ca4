#!/usr/bin/env python3
"""doutu on other people's pages: galleries, manuals and feeds out of Debian and npm packages, served from loopback. Prints
a table: what each command got, beside what a search over the files says that there is, and beside wget2 where it is
installed. (gallery-dl's generic extractor drops the port of a URL, so it cannot read a site on loopback.) Nothing of the packages is kept in this tree.

    other_galleries.py [--packages DIR] [--doutu PROGRAM] [NAME...]

DIR keeps the packages (default: build/galleries). What cannot be had there is skipped, with the reason. A row in which
doutu got another set than the search ends the program with status 1.
"""
import argparse
import functools
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKLEARN = "usr/share/doc/python-sklearn-doc/html"
LILYPOND = "usr/share/doc/lilypond/html"


class Gallery(NamedTuple):
    name: str
    package: str  # "apt:NAME" or "npm:NAME@VERSION"
    root: str  # The folder of the package that is served.
    pages: list[str]  # Where the crawl begins.
    flags: list[str]  # Of doutu.
    # The search: each is a regular expression whose first group is a URL, or a list of them for srcset.
    images: list[str]
    follow: str = ""
    next: str = ""
    is_here: bool = True  # The images are in the package; else they are listed, and nothing is fetched.


FEEDS = [f"/{name}.xml" for name in ("bc-sample", "bc-sample-bad", "bc-sample-custom-tags", "replyall-sample-ordering")]
GALLERIES = [
    Gallery("sklearn", "apt:python-sklearn-doc", SKLEARN, ["/auto_examples/index.html"],
            ["--follow", "//div[@class='sphx-glr-thumbcontainer']//a[contains(@class, 'reference')]",
             "--xpath", "//img[starts-with(@class, 'sphx-glr')]"],
            [r'<img src="([^"]+)"[^>]*class = "sphx-glr'],
            follow=r'(?s)sphx-glr-thumbcontainer".*?<a class="reference internal" href="([^"]+)"'),
    Gallery("gimp-help", "apt:gimp-help-en", "usr/share/gimp/2.0/help/en", ["/index.html"],
            ["--next", "//link[@rel='next']/@href", "--xpath", "//img"],
            [r'<img\s[^>]*?src="([^"]+)"'], next=r'<link rel="next" href="([^"]+)"'),
    Gallery("lilypond", "apt:lilypond-doc-html", LILYPOND, ["/Documentation/web/index.html"],
            ["--next", "//link[@rel='next']/@href", "--xpath", "//img", "--allow-empty"],
            [r'<img\s[^>]*?src="([^"]+)"'], next=r'<link href="([^"]+)" rel="next"', is_here=False),
    Gallery("lightgallery", "npm:lightgallery@1.10.0", "package/demo", ["/index.html"],
            ["--xpath", "//li/@data-src"], [r'<li [^>]*data-src="([^"]+)"']),
    Gallery("photoswipe", "npm:photoswipe@4.1.3", "package/website", ["/index.html"],
            ["--xpath", "//a[img]"], [r'(?s)<a href="([^"]+)"[^>]*>\s*<img'], is_here=False),
    Gallery("magnific-popup", "npm:magnific-popup@1.2.0", "package/website", ["/_includes/examples.html"],
            ["--xpath", "//a[img]"], [r'(?s)<a [^>]*?href="([^"]+)"[^>]*>\s*<img'], is_here=False),
    Gallery("podcast-feed-parser", "npm:podcast-feed-parser@1.0.4", "package/test/testfiles", FEEDS,
            ["--xpath", "//itunes:image/@href", "--xpath", "//channel/image/url"],
            [r'<itunes:image\s+href="([^"]+)"', r"(?s)<image>.*?<url>([^<]+)</url>"], is_here=False),
]


class Missing(Exception):
    """Why a package cannot be had."""


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, **options)


def fetch_package(package: str, kept: pathlib.Path) -> pathlib.Path:
    kind, name = package.split(":")
    folder = kept / name.replace("/", "_")
    if folder.is_dir():
        return folder
    tool = "apt-get" if kind == "apt" else "npm"
    if shutil.which(tool) is None:
        raise Missing(f"{tool} is not installed")
    with tempfile.TemporaryDirectory(dir=kept) as work:
        got = run([tool, "download" if kind == "apt" else "pack", name], cwd=work)
        files = list(pathlib.Path(work).iterdir())
        if got.returncode != 0 or len(files) != 1:
            raise Missing(f"{tool} cannot fetch {name}")
        unpacked = pathlib.Path(work) / "unpacked"
        unpacked.mkdir()
        subprocess.run(["dpkg", "-x", files[0], unpacked] if kind == "apt" else ["tar", "xzf", files[0], "-C", unpacked],
                       check=True)
        unpacked.rename(folder)
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass


class Site:
    def __init__(self, root: pathlib.Path):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
        self.root = root
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "Site":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()

    def file_of(self, url: str) -> pathlib.Path:
        return self.root / urllib.parse.unquote(url.removeprefix(self.url).partition("?")[0]).lstrip("/")


def hits(site: Site, page: str, expressions: list[str]) -> list[str]:
    text = site.file_of(page).read_text(errors="replace")
    found = [hit.strip().replace("&amp;", "&") for one in expressions for hit in re.findall(one, text)]
    return [urllib.parse.urldefrag(urllib.parse.urljoin(page, hit)).url for hit in found]


def search(site: Site, gallery: Gallery) -> tuple[set[str], set[str]]:
    """Pages with images, and the images that they name, by a search over the files."""
    waiting = [site.url + page for page in gallery.pages]
    if gallery.follow:
        waiting = [url for page in waiting for url in hits(site, page, [gallery.follow])]
    pages, images = set(), set()
    while waiting:
        page = waiting.pop()
        if page in pages or not page.startswith(site.url) or not site.file_of(page).is_file():
            continue
        pages.add(page)
        images.update(hits(site, page, gallery.images))
        if gallery.next:
            waiting += hits(site, page, [gallery.next])
    return pages, images


def by_doutu(doutu: str, site: Site, gallery: Gallery, work: pathlib.Path) -> tuple[str, set[str]]:
    urls = [site.url + page for page in gallery.pages]
    command = [doutu, "crawl", *urls, *gallery.flags]
    if not gallery.is_here:
        listed = run([*command, "--list"])
        return "-", set(listed.stdout.split())
    run([*command, "--directory", work / "doutu", "--quiet"])
    report = json.loads((work / "doutu/.doutu/report.json").read_text())
    lines = (work / "doutu/.doutu/images.jsonl").read_text().splitlines()
    pages = report["pages"]["outcomes"]
    read = pages["done"] + pages["empty"] - len(gallery.pages) * bool(gallery.follow)
    return str(read), {json.loads(line)["url"] for line in lines}


def by_wget2(site: Site, gallery: Gallery, work: pathlib.Path) -> set[str] | None:
    """It has no XPath: all images below the site, of which the wanted ones are counted."""
    if shutil.which("wget2") is None or not gallery.is_here:
        return None
    run(["wget2", "-q", "-r", "-l", "inf", "-A", "png,jpg,jpeg,gif,svg", "-nH", "-P", work / "wget2",
         *[site.url + page for page in gallery.pages]])
    files = [file for file in (work / "wget2").rglob("*") if file.is_file()]
    return {f"{site.url}/{urllib.parse.quote(str(file.relative_to(work / 'wget2')))}" for file in files}


def counted(got: set[str] | None, wanted: set[str]) -> str:
    if got is None:
        return "-"
    others = len(got - wanted)
    return f"{len(got & wanted)}" + (f" and {others} others" if others else "")


def row(doutu: str, kept: pathlib.Path, gallery: Gallery) -> bool:
    root = fetch_package(gallery.package, kept) / gallery.root
    with Site(root) as site, tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        pages, named = search(site, gallery)
        wanted = {url for url in named if not gallery.is_here or site.file_of(url).is_file()}
        done, got = by_doutu(doutu, site, gallery, work)
        others = counted(by_wget2(site, gallery, work), wanted)
        print("|", " | ".join([gallery.name, " ".join(gallery.flags).replace("|", "\\|"), str(len(pages)),
                               str(len(wanted)), done, counted(got, wanted), others]), "|", flush=True)
        for url in sorted(wanted ^ got)[:5]:
            print("   ", "not found by doutu:" if url in wanted else "not found by the search:", url)
        return wanted == got


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=pathlib.Path, default=ROOT / "build/galleries")
    parser.add_argument("--doutu", default=ROOT / "build/release/bin/doutu")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    kept = arguments.packages.resolve()
    kept.mkdir(parents=True, exist_ok=True)
    print("| pages of | command | pages | images | doutu: pages | images | wget2 |")
    print("|---|---|---:|---:|---:|---:|---:|")
    are_equal = True
    for gallery in GALLERIES:
        if arguments.names and gallery.name not in arguments.names:
            continue
        try:
            are_equal &= row(str(arguments.doutu), kept, gallery)
        except Missing as reason:
            print(f"{gallery.name} is skipped: {reason}", file=sys.stderr)
    sys.exit(0 if are_equal else 1)


if __name__ == "__main__":
    main()
