#!/usr/bin/env python3
"""Peak memory (PSS: shared pages counted once) of all processes of a crawl together, on a site and on one ten times as
large, from a server on loopback. Prints the table of docs/performance.md.

    memory.py [DOUTU]        default: build/release/bin/doutu
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import one_against_many

PER_PAGE = 67


def memory_of_group(group, field="Pss"):
    """Bytes of all processes that are the group's leader or its children: a field of smaps_rollup (proc(5))."""
    total = 0
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if int(entry.name) != group and parent != group:
                continue
            for line in (entry / "smaps_rollup").read_text().splitlines():
                if line.startswith(field + ":"):
                    total += int(line.split()[1]) * 1024
        except (OSError, IndexError, ValueError):
            pass  # it ended meanwhile
    return total


def peak(doutu, base, pages):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as out:
        crawl = subprocess.Popen([doutu, "crawl", base + f"/list/{PER_PAGE}/{{page}}", "--pages", f"1-{pages}",
                                  "--xpath", "//img", "--directory", out, "--progress", "none", "-q"])
        most = 0
        while crawl.poll() is None:
            most = max(most, memory_of_group(crawl.pid))
            time.sleep(0.01)
        if crawl.returncode != 0:
            sys.exit(f"the crawl ended with {crawl.returncode}")
        return most, sum(1 for name in os.listdir(out) if not name.startswith("."))


def main():
    doutu = sys.argv[1] if len(sys.argv) > 1 else str(one_against_many.ROOT / "build/release/bin/doutu")
    one_against_many.DELAY = 0
    base = f"http://127.0.0.1:{one_against_many.serve()}"
    print("| pages | images | peak PSS of all processes |\n|---:|---:|---:|")
    for pages in (76, 760):
        most, images = peak(doutu, base, pages)
        print(f"| {pages} | {images:,} | {most / 2**20:.1f} MiB |", flush=True)


if __name__ == "__main__":
    main()
