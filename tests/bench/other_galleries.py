#!/usr/bin/env python3
"""doutu on other people's pages: galleries, manuals and feeds out of Debian and npm packages, served from loopback. Prints
a table: what each command got, beside what a search over the files says that there is, and beside wget2 where it is
installed. (gallery-dl's generic extractor drops the port of a URL, so it cannot read a site on loopback.) Nothing of the packages is kept in this tree.
The last rows are feeds, the tests of two parsers: the links that doutu lists of each, beside those that lxml finds.

    other_galleries.py [--packages DIR] [--doutu PROGRAM] [NAME...]

DIR keeps the packages (default: build/galleries). What cannot be had there is skipped, with the reason. A row in which
doutu got another set than the search ends the program with status 1.
"""
import argparse
import base64
import collections
import concurrent.futures
import functools
import gzip
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
    package: str  # "apt:NAME", "npm:NAME@VERSION", or "hexo:VERSION" for a blog that it generates with its own theme.
    root: str  # The folder of the package that is served.
    pages: list[str]  # Where the crawl begins.
    flags: list[str]  # Of doutu.
    # The search: each is a regular expression whose first group is a URL, or a list of them for srcset.
    images: list[str]
    follow: str = ""  # From each page of the list, which goes on by next.
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
    Gallery("hexo-theme-landscape", "hexo:8.1.2", "public", ["/archives/"],
            ["--next", "//a[@rel='next']", "--follow", "//a[@class='archive-article-title']", "--xpath", "//article//img"],
            [r'<img src="([^"]+)"'], follow=r'class="archive-article-title" href="([^"]+)"',
            next=r'rel="next" href="([^"]+)"'),
    Gallery("podcast-feed-parser", "npm:podcast-feed-parser@1.0.4", "package/test/testfiles", FEEDS,
            ["--xpath", "//itunes:image/@href", "--xpath", "//channel/image/url"],
            [r'<itunes:image\s+href="([^"]+)"', r"(?s)<image>.*?<url>([^<]+)</url>"], is_here=False),
]


class Feeds(NamedTuple):
    name: str
    package: str
    root: str


TESTS_OF_PARSERS = [
    Feeds("gofeed", "apt:golang-github-mmcdole-gofeed-dev", "usr/share/gocode/src/github.com/mmcdole/gofeed/testdata"),
    Feeds("feedparser", "npm:feedparser@1.1.6", "package/test/feeds"),
]
FEED_NAMES = (".xml", ".atom", ".rss")
# Each as doutu takes it. The names in it are those that the feed writes, which name() compares for lxml.
LINKS = ["//link/@href", "//link/text()", "//enclosure/@url", "//image/url/text()", "//media:content/@url"]


class Missing(Exception):
    """Why a package cannot be had."""


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, **options)


# Of hexo's blog: 25 posts, four on a page of the archive. The pages are the theme's, so that a picture does not matter.
POSTS = 25
HEXO_CONFIG = "title: Pictures\nurl: http://127.0.0.1\ntheme: landscape\nper_page: 4\n"
HEXO_PARTS = ["hexo-theme-landscape@1.1.0", "hexo-renderer-ejs@2.0.0", "hexo-renderer-marked@7.0.1",
              "hexo-renderer-stylus@3.0.1", "hexo-generator-index@4.0.0", "hexo-generator-archive@2.0.0"]
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==")


def write_post(source: pathlib.Path, number: int) -> None:
    names = [f"{number}-{photo}.gif" for photo in range(1 + number % 4)]
    for name in [*names, f"{number}.gif"]:
        (source / "images" / name).write_bytes(PIXEL)
    photos = "".join(f"- /images/{name}\n" for name in names)
    (source / f"_posts/post-{number}.md").write_text(
        f"---\ntitle: Post {number}\ndate: 2024-01-{number:02}\nphotos:\n{photos}---\n![Text](/images/{number}.gif)\n")


def generate_blog(version: str, folder: pathlib.Path) -> None:
    for name in ("_posts", "images"):
        (folder / "source" / name).mkdir(parents=True)
    (folder / "_config.yml").write_text(HEXO_CONFIG)
    (folder / "package.json").write_text(json.dumps({"private": True, "hexo": {"version": version}}))
    for number in range(1, POSTS + 1):
        write_post(folder / "source", number)
    install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", f"hexo@{version}", *HEXO_PARTS]
    if run(install, cwd=folder).returncode != 0:
        raise Missing("npm cannot install hexo")
    if run(["node_modules/.bin/hexo", "generate"], cwd=folder).returncode != 0:
        raise Missing("hexo cannot generate the blog")


def build_hexo(version: str, kept: pathlib.Path) -> pathlib.Path:
    folder = kept / f"hexo@{version}"
    if folder.is_dir():
        return folder
    if shutil.which("npm") is None:
        raise Missing("npm is not installed")
    with tempfile.TemporaryDirectory(dir=kept) as work:
        blog = pathlib.Path(work) / "blog"
        generate_blog(version, blog)
        blog.rename(folder)
    return folder


def fetch_package(package: str, kept: pathlib.Path) -> pathlib.Path:
    kind, name = package.split(":")
    if kind == "hexo":
        return build_hexo(name, kept)
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
        file = self.root / urllib.parse.unquote(url.removeprefix(self.url).partition("?")[0]).lstrip("/")
        return file / "index.html" if file.is_dir() else file

    def has(self, url: str) -> bool:
        return url.startswith(self.url) and self.file_of(url).is_file()


def hits(site: Site, page: str, expressions: list[str]) -> list[str]:
    text = site.file_of(page).read_text(errors="replace")
    found = [hit.strip().replace("&amp;", "&") for one in expressions for hit in re.findall(one, text)]
    return [urllib.parse.urldefrag(urllib.parse.urljoin(page, hit)).url for hit in found]


def chain(site: Site, waiting: list[str], onward: str) -> set[str]:
    """These pages, and those to which onward leads."""
    pages = set()
    while waiting:
        page = waiting.pop()
        if page in pages or not site.has(page):
            continue
        pages.add(page)
        if onward:
            waiting += hits(site, page, [onward])
    return pages


def search(site: Site, gallery: Gallery) -> tuple[set[str], set[str], set[str]]:
    """The pages of the list, those with images, and the images that they name, by a search over the files."""
    listed = chain(site, [site.url + page for page in gallery.pages], gallery.next)
    pages = listed
    if gallery.follow:
        pages = chain(site, [url for page in listed for url in hits(site, page, [gallery.follow])], "")
    return listed, pages, {url for page in pages for url in hits(site, page, gallery.images)}


def by_doutu(doutu: str, site: Site, gallery: Gallery, lists: int, work: pathlib.Path) -> tuple[str, set[str]]:
    urls = [site.url + page for page in gallery.pages]
    command = [doutu, "crawl", *urls, *gallery.flags]
    if not gallery.is_here:
        listed = run([*command, "--list"])
        return "-", set(listed.stdout.split())
    run([*command, "--directory", work / "doutu", "--quiet"])
    report = json.loads((work / "doutu/.doutu/report.json").read_text())
    lines = (work / "doutu/.doutu/images.jsonl").read_text().splitlines()
    pages = report["pages"]["outcomes"]
    read = pages["done"] + pages["empty"] - lists * bool(gallery.follow)
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
        listed, pages, named = search(site, gallery)
        wanted = {url for url in named if not gallery.is_here or site.file_of(url).is_file()}
        done, got = by_doutu(doutu, site, gallery, len(listed), work)
        others = counted(by_wget2(site, gallery, work), wanted)
        print("|", " | ".join([gallery.name, " ".join(gallery.flags).replace("|", "\\|"), str(len(pages)),
                               str(len(wanted)), done, counted(got, wanted), others]), "|", flush=True)
        for url in sorted(wanted ^ got)[:5]:
            print("   ", "not found by doutu:" if url in wanted else "not found by the search:", url)
        return wanted == got


def import_lxml(kept: pathlib.Path):
    """Debian's, which is for Debian's python3, where none is installed."""
    try:
        from lxml import etree
    except ImportError:
        sys.path.append(str(fetch_package("apt:python3-lxml", kept) / "usr/lib/python3/dist-packages"))
        try:
            from lxml import etree
        except ImportError as reason:
            raise Missing(f"lxml cannot be loaded: {reason}") from reason
    return etree


def as_url(page: str, link: str) -> str:
    url = urllib.parse.urlsplit(urllib.parse.urldefrag(urllib.parse.urljoin(page, link.strip())).url)
    return url._replace(path=url.path or "/").geturl()


def links_by_lxml(etree, page: str, file: pathlib.Path) -> set[str]:
    text = file.read_bytes()
    if text.startswith(b"\x1f\x8b"):
        text = gzip.decompress(text)
    try:
        root = etree.fromstring(text, etree.XMLParser(recover=True, resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return set()  # There is nothing that could be recovered.
    if root is None:
        return set()
    named = [re.sub(r"(?<=/)([a-z:]+)(?=/|$)", r"*[name()='\1']", link) for link in LINKS]
    found = [as_url(page, str(hit)) for link in named for hit in root.xpath(link) if hit.strip()]
    return {url for url in found if url.startswith(("http://", "https://"))}


def links_by_doutu(doutu: str, page: str) -> set[str]:
    return set(run([doutu, "crawl", page, "--list", "--retries", "0", *as_flags(LINKS)]).stdout.split())


def as_flags(xpaths: list[str]) -> list[str]:
    return [word for xpath in xpaths for word in ("--xpath", xpath)]


def feeds_row(doutu: str, kept: pathlib.Path, feeds: Feeds) -> None:
    etree = import_lxml(kept)
    root = fetch_package(feeds.package, kept) / feeds.root
    files = sorted(file for file in root.rglob("*") if file.suffix in FEED_NAMES)
    with Site(root) as site, concurrent.futures.ThreadPoolExecutor(2) as pool:
        pages = [f"{site.url}/{urllib.parse.quote(str(file.relative_to(root)))}" for file in files]
        got = list(pool.map(functools.partial(links_by_doutu, doutu), pages))
        wanted = [links_by_lxml(etree, page, file) for page, file in zip(pages, files)]
    both, doutu_alone, lxml_alone = (sum(map(len, sets)) for sets in zip(*[
        (one & other, one - other, other - one) for one, other in zip(got, wanted)]))
    equal = sum(one == other for one, other in zip(got, wanted))
    print(f"{feeds.name}: {len(files)} feeds, {equal} with the same links; links: {both} by both, {doutu_alone} by doutu "
          f"alone, {lxml_alone} by lxml alone")
    for page, one, other in zip(pages, got, wanted):
        for url in sorted(one ^ other):
            print("   ", "doutu" if url in one else "lxml", "alone,", page.removeprefix(site.url) + ":", url)


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
    for feeds in TESTS_OF_PARSERS:
        if arguments.names and feeds.name not in arguments.names:
            continue
        try:
            feeds_row(str(arguments.doutu), kept, feeds)
        except Missing as reason:
            print(f"{feeds.name} is skipped: {reason}", file=sys.stderr)
    sys.exit(0 if are_equal else 1)


if __name__ == "__main__":
    main()
