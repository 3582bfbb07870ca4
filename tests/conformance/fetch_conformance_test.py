#!/usr/bin/env python3
"""scripts/fetch_conformance over a mirror on loopback, with three files of its own in place of those of sources.txt."""

import hashlib
import http.server
import os
import pathlib
import subprocess
import tempfile
import threading
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/fetch_conformance"
FILES = {"images/good.png": b"\x89PNG", "images/with%20space.bmp": b"BM", "words/all.txt": b"words\n"}


class Mirror(http.server.ThreadingHTTPServer):
    """Answers with `files`, by path, and keeps the paths that it was asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.files = {f"/owner/repository/c0ffee/{path}": data for path, data in FILES.items()}
        self.asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        data = self.server.files.get(self.path)
        self.send_response(200 if data is not None else 404)
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_):
        pass


class FetchConformance(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.sources = self.folder / "sources.txt"
        self.sources.write_text("# A comment.\n\nfrom owner/repository c0ffee\n" + "".join(
            f"{hashlib.sha256(data).hexdigest()} {self.name_of(path)} {path}\n" for path, data in FILES.items()))
        self.to = self.folder / "data"
        self.mirror = Mirror()
        thread = threading.Thread(target=self.mirror.serve_forever, args=(0.02,))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.mirror.server_close)
        self.addCleanup(self.mirror.shutdown)

    @staticmethod
    def name_of(path):
        return path.replace("%20", "_")

    def fetch(self, mirror=None, to=None):
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        return subprocess.run([SCRIPT, "--sources", self.sources, "--from", mirror or self.mirror.url, "--to", to or self.to],
                              capture_output=True, text=True, check=False, env=environment)

    def there(self):
        return {str(path.relative_to(self.to)) for path in self.to.rglob("*") if path.is_file()}

    def test_fetches_every_file_once(self):
        first = self.fetch()
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        for path, data in FILES.items():
            self.assertEqual((self.to / self.name_of(path)).read_bytes(), data)
        self.mirror.asked.clear()
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.mirror.asked, [])

    def test_fetches_anew_what_was_changed_here(self):
        self.fetch()
        (self.to / "words/all.txt").write_text("other words\n")
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual((self.to / "words/all.txt").read_bytes(), FILES["words/all.txt"])

    def test_keeps_no_file_of_another_hash(self):
        self.mirror.files["/owner/repository/c0ffee/words/all.txt"] = b"forged\n"
        fetched = self.fetch()
        self.assertEqual(fetched.returncode, 1)
        self.assertIn("c0ffee/words/all.txt: SHA-256 is ", fetched.stderr)
        self.assertEqual(self.there(), {"images/good.png", "images/with_space.bmp"})

    def test_names_a_file_that_is_gone_and_fetches_the_other_suites_whole(self):
        del self.mirror.files["/owner/repository/c0ffee/images/good.png"]
        fetched = self.fetch()
        self.assertEqual(fetched.returncode, 1)
        self.assertIn("c0ffee/images/good.png: HTTP status 404", fetched.stderr)
        self.assertEqual(self.there(), {"words/all.txt"})

    def test_removes_no_file_of_others(self):
        (self.to / "images").mkdir(parents=True)
        (self.to / "images/own.png").write_text("own")
        del self.mirror.files["/owner/repository/c0ffee/images/good.png"]
        self.assertEqual(self.fetch().returncode, 1)
        self.assertEqual(self.there(), {"images/own.png", "words/all.txt"})

    def test_skips_in_one_line_when_nobody_answers(self):
        closed = Mirror()
        closed.server_close()
        fetched = self.fetch(mirror=closed.url)
        self.assertEqual((fetched.returncode, fetched.stderr), (77, ""))
        self.assertRegex(fetched.stdout, r"\ASkipped: http://127\.0\.0\.1:\d+ cannot be reached \(.+\)\.\n\Z")

    def test_says_that_it_cannot_write(self):
        fetched = self.fetch(to=self.sources / "data")
        self.assertEqual(fetched.returncode, 1)
        self.assertRegex(fetched.stderr, r"\AThe test data cannot be written: .+\n\Z")


unittest.main()
