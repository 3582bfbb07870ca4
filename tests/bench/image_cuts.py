#!/usr/bin/env python3
"""Cut images: whether doutu calls one whole that a decoder calls cut. Every file is served with a Content-Length of its own, as
by a server whose copy is cut: so doutu knows that all came, and asks its decoder where the end mark may be missing. Loopback only.

    image_cuts.py kinds [--positions 2000] [DOUTU]        every kind that tests/downloader/check/image_format/encoders_test.cpp makes
    image_cuts.py scans [--images 500] [DOUTU]            JPEGs, nearly all progressive, cut at every border of their scans

kinds   cut at so many positions each: the first 300, the last 700, the others spread evenly. What doutu saves is decoded as
        image_corpus.py says (ImageMagick, djpeg, dwebp, avifdec, ffmpeg ...). A cut is wrongly called whole when neither
        the decoder nor Chromium shows the very pixels of the whole image. A GIF may end between two of its frames.
scans   JPEGs of several scans from cjpeg and jpegtran with different scripts. Cut behind the last scan an image is whole, and
        before that it is not. Whole ones that are refused, and others that are saved, are faults.
"""
import argparse
import collections
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import corpus_encoders
import corpus_judges
from corpus_wounds import gif_blocks
from corpus_wounds_jpeg import jpeg_segments

TESTS = corpus_judges.ROOT / "tests/downloader/check/image_format/encoders_test.cpp"
# As the test draws them.
SOURCES = ["convert -seed 1 -size 160x120 gradient:red-blue -swirl 180 -colors 40 src.png",
           "convert src.png -alpha set -channel A -evaluate set 50% alpha.png",
           "convert src.png -crop 80x60+0+0 +repage a.png", "convert src.png -crop 80x60+40+30 +repage b.png",
           "convert src.png -crop 80x60+80+60 +repage c.png"]
TYPE_OF = {"jpg": "image/jpeg", **corpus_judges.TYPES}


def kinds_of_tests():
    """File, program and command of each sample, as the test names them."""
    literal = r'"(?:[^"\\]|\\.)*"'
    sample = rf"\{{({literal}),\s*({literal}),\s*((?:{literal}\s*)+),"
    for file, tool, command in re.findall(sample, TESTS.read_text(encoding="utf-8")):
        parts = re.findall(literal, command)
        yield file[1:-1], tool[1:-1], "".join(part[1:-1] for part in parts).replace('\\"', '"').replace("\\\\", "\\")


def make_kinds(folder):
    for line in SOURCES:
        subprocess.run(line, shell=True, cwd=folder, check=True)
    for file, tool, command in kinds_of_tests():
        if not shutil.which(tool):
            print(f"skipped {file}: {tool} is not installed")
            continue
        subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True)
        yield file, (folder / file).read_bytes()


def positions(size, wanted):
    if size <= wanted:
        return range(1, size)
    middle = range(300, size - 700)
    spread = [middle[i * len(middle) // (wanted - 999)] for i in range(wanted - 999)]
    return sorted({*range(1, 300), *spread, *range(size - 700, size)})


def crawl(asked, port, bodies):
    """bodies: by path. By path: the cause, "" of what was saved."""
    corpus_judges.Site.bodies = {path: (TYPE_OF.get(path.rsplit(".")[-1], "image/x"), body) for path, body in bodies.items()}
    return corpus_judges.doutu_verdicts(asked.doutu, port, list(bodies), 500)


def decoder_of(file):
    ending = file.rsplit(".")[-1]
    return "arithmetic" if file == "arithmetic.jpg" else {"jpg": "jpeg"}.get(ending, ending)


def ends_behind_a_frame(body, size):
    """All frames of a GIF that begin within its first bytes are there, but for the end of the data and a byte of it with the code
    that says so."""
    blocks = list(gif_blocks(body))
    begun = [end for at, end in zip(blocks, blocks[1:]) if body[at] == 0x2C and at < size]
    return bool(begun) and begun[-1] <= size + 2


def judge_saved(asked, port, file, body, saved):
    """saved: bytes by path. By path: whole, frames (it ends between two of them), or wrong."""
    type_ = decoder_of(file)
    images = [("whole", type_, body), *((path, type_, cut) for path, cut in saved.items())]
    pixels = corpus_judges.of_all(images, corpus_judges.decoder_pixels)
    whole, _ = pixels.pop("whole")

    def judge(path):
        shown, _ = pixels[path]
        return "whole" if shown == whole else "frames" if type_ == "gif" and shown and whole.startswith(shown) else "wrong"

    verdicts = {path: judge(path) for path in saved}
    doubts = [path for path, verdict in verdicts.items() if verdict == "wrong"]
    if doubts and type_ in corpus_judges.TYPES and asked.chromium:
        corpus_judges.Site.bodies |= {"/whole": (corpus_judges.TYPES[type_], body)}
        jobs = [(path, corpus_judges.TYPES[type_], True) for path in ["/whole", *doubts]]
        looks = corpus_judges.chromium_looks(asked.chromium, port, jobs)
        good = looks["/whole"]
        for path in doubts:
            look = looks[path]
            if look and look.is_as(good):
                verdicts[path] = "whole"
            elif look and look.pixels == good.pixels and type_ == "gif" and ends_behind_a_frame(body, len(saved[path])):
                verdicts[path] = "frames"
    return verdicts


def cut_kinds(asked):
    port, total = corpus_judges.serve(), collections.Counter()
    print("| kind | bytes | cuts | saved | of them all pixels | ends between frames | wrongly |\n|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for file, body in make_kinds(pathlib.Path(folder)):
            cuts = {f"/{size}/{file}": body[:size] for size in positions(len(body), asked.positions)}
            causes = crawl(asked, port, cuts)
            verdicts = judge_saved(asked, port, file, body, {path: cut for path, cut in cuts.items() if causes[path] == ""})
            count = collections.Counter(verdicts.values())
            total.update({"cuts": len(cuts), "saved": len(verdicts), **count})
            print(f"| {file} | {len(body):,} | {len(cuts):,} | {len(verdicts)} | {count['whole']} | {count['frames']} | "
                  f"{count['wrong']} |", flush=True)
            if count["wrong"]:
                print("  bytes short:", *(len(body) - len(cuts[path]) for path, verdict in verdicts.items() if verdict == "wrong"))
    print(f"\n{total['cuts']:,} cuts, {total['saved']} saved: {total['whole']} with all pixels, {total['frames']} that end between "
          f"frames, {total['wrong']} wrongly")
    return total["wrong"]


# --- Progressive JPEGs.

WAYS = {
    "cjpeg": "cjpeg -progressive {q} -outfile {o} {p}",
    "cjpeg, restarts": "cjpeg -progressive -restart 1 {q} -outfile {o} {p}",
    "cjpeg, gray": "cjpeg -progressive -grayscale {q} -outfile {o} {p}",
    **{f"cjpeg, script {name}": "cjpeg {q} -scans {d}/%s.scans -outfile {o} {p}" % name for name in corpus_encoders.SCRIPTS},
    "jpegtran": "cjpeg {q} -outfile {o}.1 {p} && jpegtran -progressive -outfile {o} {o}.1",
    **{f"jpegtran, script {name}": "cjpeg {q} -outfile {o}.1 {p} && jpegtran -scans {d}/%s.scans -outfile {o} {o}.1" % name
       for name in corpus_encoders.SCRIPTS},
}
OPTIONS = ["-quality 30", "-quality 90", "-quality 75 -sample 1x1", "-quality 75 -sample 2x1", "-quality 100 -sample 1x2",
           "-quality 5"]


def scan_ends(body):
    """Where the coded data of each scan ends: at the marker behind it."""
    at = next(at for at, marker in jpeg_segments(body) if marker == 0xDA)
    while body[at + 1] != 0xD9:
        behind = at + 2 + int.from_bytes(body[at + 2:at + 4], "big")
        if body[at + 1] == 0xDA:
            behind = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(body, behind).start()
            yield behind
        at = behind


def make_progressive(folder, wanted):
    """Way, and bytes: every way in turn, with every picture that it takes and every option."""
    rng = random.Random(7)
    pictures = [picture for picture in corpus_encoders.draw_all(rng, folder) if picture.rgb and picture.mode != "large"]
    for name, script in corpus_encoders.SCRIPTS.items():
        (folder / f"{name}.scans").write_text(script.replace(";", ";\n"))
    seen = set()
    for number in range(20 * wanted):
        way, command = list(WAYS.items())[number % len(WAYS)]
        out = folder / "out.jpg"
        line = command.format(q=rng.choice(OPTIONS), o=out, d=folder, p=rng.choice(pictures).path.with_suffix(".ppm"))
        subprocess.run(["bash", "-c", line], check=True, capture_output=True)
        if (body := out.read_bytes()) not in seen:
            seen.add(body)
            yield way, body
        if len(seen) == wanted:
            return


def cut_scans(asked):
    port, counts, cuts, whole = corpus_judges.serve(), collections.Counter(), {}, {}
    with tempfile.TemporaryDirectory() as folder:
        images = list(make_progressive(pathlib.Path(folder), asked.images))
    for number, (way, body) in enumerate(images):
        ends = list(scan_ends(body))
        counts.update({(way, "images"): 1, (way, "scans"): len(ends)})
        for scan, end in enumerate(ends):
            is_last = scan + 1 == len(ends)
            for more in (0, 1, 2) if is_last else (0, 1, 3):  # At the border, and within the marker or segment behind it.
                path = f"/{number}/{scan}/{more}.jpg"
                cuts[path], whole[path] = body[:end + more], is_last
    causes = crawl(asked, port, cuts)
    saved = {path for path in cuts if causes[path] == ""}
    faults = {"refused": [path for path in cuts if whole[path] and path not in saved],
              "saved": [path for path in saved if not whole[path]]}
    last = [path for path in cuts if whole[path]]
    looks = corpus_judges.decoder_looks([(path, "arithmetic", cuts[path]) for path in last])
    of_whole = corpus_judges.decoder_looks([(path, "arithmetic", images[int(path.split("/")[1])][1]) for path in last])
    others = [path for path in last if looks[path].pixels != of_whole[path].pixels]
    for way in WAYS:
        print(f"{counts[way, 'images']:5} images of {counts[way, 'scans']:5} scans: {way}")
    print(f"{len(images)} images, {len(cuts):,} cuts at and behind the borders of scans: {len(last):,} whole, of which djpeg shows "
          f"every pixel but in {len(others)}; {len(saved):,} saved; whole ones refused: {len(faults['refused'])}; others saved: "
          f"{len(faults['saved'])}")
    for what, paths in faults.items():
        for path in paths[:10]:
            print(f"  {what}: {path} ({images[int(path.split('/')[1])][0]}): {causes[path] or 'saved'}")
    return len(faults["refused"]) + len(faults["saved"]) + len(others)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["kinds", "scans"])
    parser.add_argument("--positions", type=int, default=2000)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("doutu", nargs="?", default=str(corpus_judges.ROOT / "build/release/bin/doutu"))
    asked = parser.parse_args()
    sys.exit(1 if (cut_kinds if asked.what == "kinds" else cut_scans)(asked) else 0)


if __name__ == "__main__":
    main()
