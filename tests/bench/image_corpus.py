#!/usr/bin/env python3
"""5,000 images, good, odd and broken, and what doutu says of them beside what Chromium shows. Needs Chromium, and as
many of the encoders in corpus_encoders.py as there are; what is missing is skipped, and said. Loopback only.

    image_corpus.py [--files 5000] [--seed 1] [--keep FOLDER] [DOUTU]        default: build/release/bin/doutu

good     as an encoder of the world made it
odd      with one fault that browsers overlook, or with its nearest neighbour that they do not
broken   cut, or with bytes changed, lost, added or moved anywhere; and what is no image at all

Every file is served with a Content-Length. A file that was made from a good one is compared with it: in Chromium, drawn
into a canvas, every frame of what moves. Chromium shows of it

whole    the very pixels of the good one
less     nothing; or fewer pixels or frames than it announces or the good one had; or any other pixels, when it is a beginning
         of the good one
other    as many pixels, but not the same: bytes were changed inside the coded data or in what steers it

refused good       doutu refused what Chromium shows whole
by chance          the same of a broken file, but another decoder complains of it or shows less: bytes are missing that happened to
                   say what a decoder takes for granted, or that only Chromium does without
false acceptance   doutu saved what Chromium shows less of, and so does another decoder
only Chromium      doutu saved what Chromium shows less of, though another decoder finds the very pixels of the good one
other pixels       doutu saved what Chromium shows with other pixels: data is not decoded, so nobody promised otherwise

Chromium does not show heic, jxl, tiff, arithmetic (JPEG with arithmetic coding) and lossless (lossless JPEG and JPEG-LS):
heif-convert, djxl, ImageMagick, djpeg and ffmpeg judge these in the same way. jxl-bare has no container. An animated image is
drawn frame by frame (WebCodecs).
"""
import argparse
import collections
import pathlib
import random
import shutil
import struct
import tempfile
import time
import zlib

import corpus_encoders
import corpus_judges
import corpus_wounds

# class_: one of CLASSES. origin: the number of the good image that it was made from; None: no image.
File = collections.namedtuple("File", "type class_ kind body origin is_beginning")


def make_odd(rng, good, wanted):
    """Every fault of a type in turn, on images of that type in turn, until there are so many."""
    by_type = collections.defaultdict(list)
    for number, image in enumerate(good):
        if len(image.body) < 100_000:
            by_type[image.type].append(number)
    faults = [(type_, name, fault) for type_ in by_type for name, fault in corpus_wounds.ODD[type_].items()]
    made = []
    for type_, name, fault in (faults[i % len(faults)] for i in range(20 * wanted)):
        origin = rng.choice(by_type[type_])
        try:
            body = fault(good[origin].body, random.Random(f"{name} {origin}"))
        except (IndexError, ValueError, TypeError, StopIteration, struct.error, zlib.error):
            body = None  # No place for it in this image.
        if body is not None and body != good[origin].body:
            made.append(File(type_, "odd", name, body, origin, good[origin].body.startswith(body)))
        if len(made) == wanted:
            break
    return made


def make_broken(rng, good, wanted):
    made = [File("jpeg", "broken", "HTML", body, None, False) for body in corpus_wounds.HTML]
    made += [File("jpeg", "broken", "no image", body, None, False) for body in corpus_wounds.OTHERS]
    numbers = [number for number, image in enumerate(good) if len(image.body) < 100_000]
    rng.shuffle(numbers)
    while len(made) < wanted:
        for number in numbers:
            image = good[number]
            own = random.Random(f"{number} {len(made)}")  # So that a date in one image changes no other.
            other = good[own.choice([n for n in numbers if good[n].type == image.type])]
            kinds = [harm for harm in corpus_wounds.harms(image.body, own, other.body) if harm[1] not in (b"", image.body)]
            for name, body, is_beginning in own.sample(kinds, min(len(kinds), 1 + wanted // len(good) // 2)):
                made.append(File(image.type, "broken", name, body, number, is_beginning))
    rng.shuffle(made)
    return made[:wanted]


def extension(file):
    return {"jpeg": "jpg", "arithmetic": "jpg", "lossless": "jpg", "jxl-bare": "jxl"}.get(file.type, file.type)


def moves(image):
    """Whether it may have several frames."""
    signs = {"png": b"acTL", "gif": b"\x21\xf9", "webp": b"ANIM", "avif": b"avis"}
    return image.type in signs and signs[image.type] in image.body


def verdict(file, look, of_good):
    """What is shown of it, as the head of this file says."""
    if look is None or (of_good and look.shown == 0 < of_good.shown):
        return "less"
    if of_good and of_good.shown == 0:
        return None  # A good one without any colour tells nothing.
    if of_good is None or look.is_as(of_good):
        return "whole"
    is_as_large = (look.width, look.height) == (of_good.width, of_good.height)
    lacks_frames = len(of_good.frames) > 1 and len(look.frames) < len(of_good.frames)
    if file.is_beginning or lacks_frames or (is_as_large and look.shown < of_good.shown):
        return "less"
    was_full = of_good.shown == of_good.width * of_good.height
    return "less" if was_full and not is_as_large and look.shown < look.width * look.height else "other"


def look_at_all(chromium, port, files, paths):
    types = corpus_judges.TYPES
    in_browser = [(path, types[file.type], moves(file)) for path, file in zip(paths, files) if file.type in types]
    others = [(path, file.type, file.body) for path, file in zip(paths, files) if file.type not in types]
    return corpus_judges.chromium_looks(chromium, port, in_browser) | corpus_judges.decoder_looks(others)


def second_looks(files, paths, causes, looks, shown):
    """What other decoders show of files, and of their good ones, where doutu and Chromium disagree on whether it is whole."""
    doubts = [n for n, file in enumerate(files) if file.class_ != "good" and file.origin is not None
              and (shown[n], causes[paths[n]] == "") in (("less", True), ("whole", False))]
    asked = sorted({*doubts, *(files[n].origin for n in doubts)})
    new = [n for n in asked if files[n].type in corpus_judges.TYPES]
    seen = dict(zip(new, corpus_judges.decoder_looks([(paths[n], files[n].type, files[n].body) for n in new]).values()))
    return {n: seen[n] if n in seen else looks[paths[n]] for n in asked}


def judge_all(files, paths, causes, looks):
    """For each file one of COLUMNS, or None: doutu and what is shown agree."""
    shown = [verdict(file, looks[path], None if file.class_ == "good" or file.origin is None else looks[paths[file.origin]])
             for path, file in zip(paths, files)]
    second = second_looks(files, paths, causes, looks, shown)
    at_odds = {("whole", False): "refused good", ("less", True): "false acceptance", ("other", True): "other pixels"}
    for number, file in enumerate(files):
        found = at_odds.get((shown[number], causes[paths[number]] == ""))
        if found in ("refused good", "false acceptance") and number in second:
            look, of_good = second[number], second[file.origin]
            is_same = bool(look and of_good and look.is_as(of_good))
            if found == "false acceptance" and is_same:
                found = "only Chromium"
            if found == "refused good" and file.class_ == "broken" and not (is_same and look.is_silent):
                found = "by chance"
        yield found


COLUMNS = ["refused good", "by chance", "false acceptance", "only Chromium", "other pixels"]


CLASSES = ["good", "odd", "broken"]


def print_table(rows):
    print("\nGood / odd / broken:\n\n| type | files | saved | " + " | ".join(COLUMNS) + " |\n|---|" + "---:|" * (2 + len(COLUMNS)))
    for type_ in [*sorted({type_ for type_, _ in rows}), "all"]:
        counts = [collections.Counter() for _ in CLASSES]
        for (of, class_), count in rows.items():
            if type_ in (of, "all"):
                counts[CLASSES.index(class_)].update(count)
        cells = [" / ".join(f"{count[column]:,}" for count in counts) for column in ["files", "saved", *COLUMNS]]
        print(f"| {type_} | " + " | ".join(cells) + " |")


def print_disagreements(found):
    for what in COLUMNS:
        print(f"\n{what}: type, class, kind, cause: how many, some of them")
        for (type_, class_, kind, cause), paths in sorted((key[1:], paths) for key, paths in found.items() if key[0] == what):
            print(f"  {type_:9} {class_:7} {kind}: {cause or 'saved'}: {len(paths)}, {' '.join(paths[:4])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=4, help="pictures for each kind of encoding")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the files there, with a list of them")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("doutu", nargs="?", default=str(corpus_judges.ROOT / "build/release/bin/doutu"))
    asked = parser.parse_args()
    if not asked.chromium:
        parser.exit(77, "skipped: needs chromium\n")
    began = time.monotonic()

    def say(what):
        print(f"{time.monotonic() - began:5.0f} s  {what}", flush=True)

    rng = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        good = corpus_encoders.make_good(rng, folder, asked.each, say)
    files = [File(image.type, "good", image.kind, image.body, number, False) for number, image in enumerate(good)]
    files += make_odd(rng, good, (asked.files - len(good)) * 2 // 5)
    files += make_broken(rng, good, asked.files - len(files))
    paths = [f"/{number}.{extension(file)}" for number, file in enumerate(files)]
    say(f"{len(files):,} files, {len(good)} of them good, {sum(len(file.body) for file in files):,} bytes")
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
        with open(asked.keep / "index.txt", "w", encoding="utf-8") as index:
            for path, file in zip(paths, files):
                (asked.keep / path[1:]).write_bytes(file.body)
                origin = "" if file.origin is None else paths[file.origin][1:]
                index.write(f"{path[1:]}\t{file.class_}\t{file.kind}\t{origin}\n")

    port = corpus_judges.serve()
    for path, file in zip(paths, files):
        corpus_judges.Site.bodies[path] = (corpus_judges.TYPES.get(file.type, "image/" + file.type), file.body)
    causes = corpus_judges.doutu_verdicts(asked.doutu, port, paths, 300)
    say("crawled")
    looks = look_at_all(asked.chromium, port, files, paths)
    say("looked at")

    rows, found = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    for path, file, what in zip(paths, files, judge_all(files, paths, causes, looks)):
        rows[file.type, file.class_].update({"files": 1, "saved": causes[path] == "", what: 1})
        if what:
            found[what, file.type, file.class_, file.kind, causes[path]].append(path)
        elif file.class_ == "good" and causes[path]:
            say(f"neither doutu nor a decoder takes {file.kind}, {path}: {causes[path]}")
    print_disagreements(found)
    print_table(rows)


if __name__ == "__main__":
    main()
