"""The good images of image_corpus.py: small pictures that are drawn here, and what other people's encoders make of them."""
import collections
import concurrent.futures
import io
import itertools
import os
import pathlib
import random
import shutil
import struct
import subprocess
import zlib

try:
    from PIL import Image, ImageCms
except ImportError:  # Debian's Python has it (python3-pil); others may not.
    Image = None

SIZES = [(1, 1), (1, 7), (2, 2), (5, 3), (8, 8), (9, 17), (16, 16), (31, 33), (48, 32), (64, 64), (97, 61), (160, 120)]
LARGE = (1600, 1200)

Good = collections.namedtuple("Good", "type kind body")
Picture = collections.namedtuple("Picture", "name width height mode path rgb")


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, channels, pixels):
    rows = b"".join(b"\0" + pixels[y * width * channels:(y + 1) * width * channels] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows)) +
            png_chunk(b"IEND", b""))


def draw(rng, width, height, mode):
    """Bytes of a picture: `smooth` waves, `noise`, `flat` areas of few colours, `gray`, `alpha` (smooth with holes)."""
    colors = [rng.randbytes(3) for _ in range(5)]
    waves = [(rng.uniform(0.5, 3), rng.uniform(0.5, 3), rng.randrange(256)) for _ in range(3)]

    def pixel(x, y):
        if mode == "noise":
            return rng.randbytes(3)
        if mode == "flat":
            return colors[(x // 6 + y // 4) % 5]
        return bytes(int(a * x + b * y + c) % 256 for a, b, c in waves)

    if mode == "gray":
        return bytes((3 * x + 5 * y + x * y // 7) % 256 for y in range(height) for x in range(width))
    if mode == "alpha":
        return b"".join(pixel(x, y) + bytes([40 + (7 * x + 11 * y) % 216]) for y in range(height) for x in range(width))
    return b"".join(pixel(x, y) for y in range(height) for x in range(width))


def draw_all(rng, folder):
    pictures = []
    sizes = [(size, mode) for size in SIZES for mode in ("smooth", "noise", "flat", "gray", "alpha")]
    for (width, height), mode in sizes + [(LARGE, "large")]:
        if mode == "large":
            tile = [draw(rng, 100, 100, "smooth") for _ in range(4)]
            rows = [b"".join(tile[(i + y // 100) % 4][300 * (y % 100):300 * (y % 100 + 1)] for i in range(width // 100))
                    for y in range(height)]
            pixels = b"".join(rows)
        else:
            pixels = draw(rng, width, height, mode)
        channels = {"gray": 1, "alpha": 4}.get(mode, 3)
        name = f"{mode}-{width}x{height}"
        (folder / f"{name}.png").write_bytes(png(width, height, channels, pixels))
        if channels != 4:
            magic = b"P5" if channels == 1 else b"P6"
            (folder / f"{name}.ppm").write_bytes(magic + b"\n%d %d\n255\n" % (width, height) + pixels)
        os.utime(folder / f"{name}.png", (0, 0))  # Some encoders write it down.
        pictures.append(Picture(name, width, height, mode, folder / f"{name}.png", channels == 3))
    return pictures


# --- Programs. {s}: a PNG, {p}: the same as PPM, {a} {b} {c}: three PNGs of one size, {o}: what to write, {t}: a
# name of its own for files in between, {d}: the folder of icc.icc, exif.bin and xmp.xmp.

ANY, RGB, OPAQUE, ALPHA, FRAMES = "any", "rgb", "opaque", "alpha", "frames"
SCRIPTS = {
    "dc-first": "0,1,2: 0-0, 0, 0; 0: 1-63, 0, 0; 1: 1-63, 0, 0; 2: 1-63, 0, 0;",
    "separate": "0; 1; 2;",
    "bits": "0,1,2: 0-0, 0, 2; 0: 1-63, 0, 2; 1: 1-63, 0, 2; 2: 1-63, 0, 2; 0,1,2: 0-0, 2, 1; 0: 1-63, 2, 1; 1: 1-63, 2, 1; "
            "2: 1-63, 2, 1; 0,1,2: 0-0, 1, 0; 0: 1-63, 1, 0; 1: 1-63, 1, 0; 2: 1-63, 1, 0;",
    "bands": "0,1,2: 0-0, 0, 0; 2: 1-10, 0, 0; 0: 1-5, 0, 0; 1: 1-63, 0, 0; 0: 6-63, 0, 0; 2: 11-63, 0, 0;",
}

RECIPES = [(kind.split(".")[1], kind, needs, command) for kind, needs, command in [
    # Type by the ending of the kind.
    ("cjpeg.jpeg", OPAQUE, "cjpeg -outfile {o} {p}"),
    ("cjpeg-progressive.jpeg", OPAQUE, "cjpeg -progressive -outfile {o} {p}"),
    ("cjpeg-q1.jpeg", OPAQUE, "cjpeg -quality 1 -outfile {o} {p}"),
    ("cjpeg-q100-444.jpeg", OPAQUE, "cjpeg -quality 100 -sample 1x1 -outfile {o} {p}"),
    ("cjpeg-411.jpeg", RGB, "cjpeg -sample 4x1 -outfile {o} {p}"),
    ("cjpeg-440.jpeg", RGB, "cjpeg -sample 1x2 -progressive -outfile {o} {p}"),
    ("cjpeg-restart-blocks.jpeg", OPAQUE, "cjpeg -restart 1B -outfile {o} {p}"),
    ("cjpeg-restart-rows.jpeg", OPAQUE, "cjpeg -restart 1 -progressive -outfile {o} {p}"),
    ("cjpeg-gray.jpeg", OPAQUE, "cjpeg -grayscale -optimize -outfile {o} {p}"),
    ("cjpeg-rgb.jpeg", RGB, "cjpeg -rgb -outfile {o} {p}"),
    ("cjpeg-icc.jpeg", OPAQUE, "cjpeg -icc {d}/icc.icc -outfile {o} {p}"),
    *[(f"cjpeg-script-{name}.jpeg", RGB, "cjpeg -scans {d}/%s.scans -outfile {o} {p}" % name) for name in SCRIPTS],
    ("jpegtran-progressive.jpeg", OPAQUE, "cjpeg -outfile {t} {p} && jpegtran -progressive -outfile {o} {t}"),
    ("jpegtran-rotated.jpeg", OPAQUE, "cjpeg -outfile {t} {p} && jpegtran -rotate 90 -restart 2 -outfile {o} {t}"),
    ("jpegtran-sequential.jpeg", OPAQUE, "cjpeg -progressive -outfile {t} {p} && jpegtran -optimize -outfile {o} {t}"),
    ("convert.jpeg", ANY, "convert {s} jpeg:{o}"),
    ("convert-progressive.jpeg", ANY, "convert {s} -interlace JPEG -quality 80 jpeg:{o}"),
    ("convert-cmyk.jpeg", ANY, "convert {s} -colorspace CMYK jpeg:{o}"),
    ("convert-icc-comment.jpeg", ANY, "convert {s} -profile {d}/icc.icc -set comment remark jpeg:{o}"),
    ("ffmpeg.jpeg", ANY, "ffmpeg -v error -y -i {s} -pix_fmt yuvj444p -f image2 -update 1 -c:v mjpeg {o}"),
    ("ffmpeg-422.jpeg", ANY, "ffmpeg -v error -y -i {s} -pix_fmt yuvj422p -f image2 -update 1 -c:v mjpeg {o}"),
    ("jpegoptim.jpeg", OPAQUE, "cjpeg -outfile {t}.jpg {p} && jpegoptim -q --all-progressive --stdout {t}.jpg > {o}"),
    ("exiftool-thumbnail.jpeg", OPAQUE, "cjpeg -outfile {o} {p} && cjpeg -scale 1/2 -quality 20 -outfile {t} {p} 2>/dev/null || "
     "cp {o} {t}; exiftool -q -overwrite_original '-ThumbnailImage<={t}' -Artist=x {o}"),
    ("cjpeg-arithmetic.arithmetic", OPAQUE, "cjpeg -arithmetic -outfile {o} {p}"),
    ("jpegtran-arithmetic.arithmetic", OPAQUE, "cjpeg -outfile {t} {p} && jpegtran -arithmetic -progressive -outfile {o} {t}"),
    ("ffmpeg-jpegls.lossless", ANY, "ffmpeg -v error -y -i {s} -pix_fmt rgb24 -f image2 -update 1 -c:v jpegls {o}"),
    ("ffmpeg-ljpeg.lossless", ANY, "ffmpeg -v error -y -i {s} -pix_fmt yuvj444p -f image2 -update 1 -c:v ljpeg {o}"),

    ("convert.png", ANY, "convert {s} png:{o}"),
    ("convert-interlaced.png", ANY, "convert {s} -interlace PNG png:{o}"),
    ("convert-48.png", ANY, "convert {s} png48:{o}"),
    ("convert-64.png", ANY, "convert {s} png64:{o}"),
    ("convert-palette.png", ANY, "convert {s} -colors 16 png8:{o}"),
    ("convert-bilevel.png", ANY, "convert {s} -monochrome -depth 1 png:{o}"),
    ("convert-gray-alpha.png", ALPHA, "convert {s} -colorspace Gray -interlace PNG png:{o}"),
    ("convert-icc-text.png", ANY, "convert {s} -profile {d}/icc.icc -set comment remark png:{o}"),
    ("pnmtopng.png", OPAQUE, "pnmtopng {p} > {o}"),
    ("pnmtopng-interlaced.png", OPAQUE, "pnmtopng -interlace -gamma 0.45 {p} > {o}"),
    ("pnmtopng-depth-1.png", OPAQUE, "ppmtopgm {p} | pamthreshold | pnmtopng > {o}"),
    ("pnmtopng-depth-2.png", OPAQUE, "ppmtopgm {p} | pamdepth 3 | pnmtopng > {o}"),
    ("pnmtopng-transparent.png", RGB, "pnmquant -quiet 7 {p} | pnmtopng -transparent '=rgb:80/80/80' > {o}"),
    ("optipng.png", ANY, "optipng -quiet -o1 -force -out {o} {s}"),
    ("optipng-interlaced.png", ANY, "optipng -quiet -o1 -i1 -force -out {o} {s}"),
    ("pngcrush.png", ANY, "pngcrush -s -m 1 -max 64 {s} {o}"),
    ("zopflipng.png", ANY, "zopflipng -y -q --iterations=1 {s} {o}"),
    ("ffmpeg.png", ANY, "ffmpeg -v error -y -i {s} -f image2 -update 1 -c:v png -pred mixed {o}"),
    ("ffmpeg-apng.png", FRAMES, "ffmpeg -v error -y -framerate 9 -i {n} -plays 0 -f apng {o}"),
    ("apngasm.png", FRAMES, "for i in 1 2 3; do cp {t}-$i.png {t}f$i.png; done; apngasm {o} {t}f1.png"),
    ("apngasm-hidden.png", FRAMES, "for i in 1 2 3; do cp {t}-$i.png {t}f$i.png; done; apngasm {o} {t}f1.png -f"),

    ("convert.gif", ANY, "convert {s} gif:{o}"),
    ("convert-interlaced.gif", ANY, "convert {s} -interlace GIF gif:{o}"),
    ("convert-2-colors.gif", ANY, "convert {s} -colors 2 gif:{o}"),
    ("convert-87a.gif", ANY, "convert {s} gif87:{o}"),
    ("convert-moving.gif", FRAMES, "convert -delay 10 -loop 0 {a} {b} {c} -layers optimize gif:{o}"),
    ("ppmtogif.gif", RGB, "pnmquant -quiet 250 {p} | ppmtogif -quiet -interlace -comment=remark > {o}"),
    ("gifsicle.gif", FRAMES, "for i in 1 2 3; do convert {t}-$i.png {t}$i.gif; done; gifsicle --loop -d 10 {t}[123].gif -o {o}"),
    ("gifsicle-O3.gif", FRAMES, "for i in 1 2 3; do convert {t}-$i.png {t}$i.gif; done; gifsicle -O3 --no-loopcount -d 1 {t}[123].gif -o {o}"),
    ("gifsicle-careful.gif", FRAMES, "for i in 1 2 3; do convert {t}-$i.png {t}$i.gif; done; gifsicle --careful --interlace -c x {t}[123].gif -o {o}"),
    ("gifsicle-uncompressed.gif", ANY, "convert {s} gif:- | gifsicle --no-conserve-memory -O0 -k 64 -o {o}"),
    ("ffmpeg.gif", FRAMES, "ffmpeg -v error -y -framerate 9 -i {n} -f gif {o}"),
    ("ffmpeg-palettes.gif", FRAMES, "ffmpeg -v error -y -framerate 9 -i {n} -lavfi 'split[a][b];[b]palettegen=stats_mode=single[p];[a][p]paletteuse=new=1' -f gif {o}"),

    ("cwebp.webp", ANY, "cwebp -quiet {s} -o {o}"),
    ("cwebp-q1-m0.webp", ANY, "cwebp -quiet -q 1 -m 0 -segments 1 {s} -o {o}"),
    ("cwebp-filtered.webp", ANY, "cwebp -quiet -sns 90 -strong -f 50 {s} -o {o}"),
    ("cwebp-lossless.webp", ANY, "cwebp -quiet -lossless -m 1 {s} -o {o}"),
    ("cwebp-near-lossless.webp", ANY, "cwebp -quiet -near_lossless 40 -m 1 {s} -o {o}"),
    ("cwebp-alpha.webp", ALPHA, "cwebp -quiet -alpha_q 20 -alpha_filter best {s} -o {o}"),
    ("cwebp-metadata.webp", ANY, "convert {s} -profile {d}/icc.icc png:{t} && cwebp -quiet -metadata all {t} -o {o}"),
    ("webpmux-xmp.webp", ANY, "cwebp -quiet {s} -o {t} && webpmux -set xmp {d}/xmp.xmp {t} -o {o}"),
    ("webpmux-icc.webp", ANY, "cwebp -quiet -lossless -m 1 {s} -o {t} && webpmux -set icc {d}/icc.icc {t} -o {o}"),
    ("img2webp.webp", FRAMES, "img2webp -lossy -d 50 {a} {b} {c} -o {o}"),
    ("img2webp-mixed.webp", FRAMES, "img2webp -mixed -min_size -d 50 {a} {b} {c} -o {o}"),
    ("gif2webp.webp", FRAMES, "convert {a} {b} {c} gif:{t} && gif2webp -quiet {t} -o {o}"),
    ("gif2webp-lossy.webp", FRAMES, "convert {a} {b} {c} gif:{t} && gif2webp -quiet -lossy -kmin 1 -kmax 2 {t} -o {o}"),
    ("ffmpeg-anim.webp", FRAMES, "ffmpeg -v error -y -framerate 9 -i {n} -c:v libwebp_anim -loop 0 -f webp {o}"),
    ("convert.webp", ANY, "convert {s} webp:{o}"),

    ("avifenc.avif", ANY, "avifenc -s 10 {s} {o}"),
    ("avifenc-420.avif", ANY, "avifenc -s 10 -y 420 --min 20 --max 40 {s} {o}"),
    ("avifenc-400.avif", ANY, "avifenc -s 10 -y 400 {s} {o}"),
    ("avifenc-10.avif", ANY, "avifenc -s 10 -d 10 -y 422 {s} {o}"),
    ("avifenc-12.avif", ANY, "avifenc -s 10 -d 12 {s} {o}"),
    ("avifenc-lossless.avif", ANY, "avifenc -s 10 -l {s} {o}"),
    ("avifenc-premultiplied.avif", ALPHA, "avifenc -s 10 -p {s} {o}"),
    ("avifenc-turned.avif", ANY, "avifenc -s 10 --irot 1 --imir 0 {s} {o}"),
    ("avifenc-metadata.avif", ANY, "avifenc -s 10 --exif {d}/exif.bin --xmp {d}/xmp.xmp --icc {d}/icc.icc {s} {o}"),
    ("avifenc-grid.avif", ANY, "convert {s} -resize 128x64! png:{t}.png && avifenc -s 10 --grid 2x1 {t}.png {o}"),
    ("avifenc-sequence.avif", FRAMES, "avifenc -s 10 --fps 5 {a} {b} {c} {o}"),
    ("heif-enc.avif", ANY, "heif-enc -A -p speed=9 {s} -o {o}"),
    ("ffmpeg.avif", ANY, "ffmpeg -v error -y -i {s} -pix_fmt yuv420p -c:v libaom-av1 -cpu-used 8 -still-picture 1 -f avif {o}"),

    ("convert.bmp", ANY, "convert {s} bmp:{o}"),
    ("convert-bmp3.bmp", ANY, "convert {s} -alpha off bmp3:{o}"),
    ("convert-bmp2.bmp", ANY, "convert {s} -alpha off bmp2:{o}"),
    ("convert-8.bmp", ANY, "convert {s} -alpha off -colors 200 -compress none bmp3:{o}"),
    ("convert-runs.bmp", ANY, "convert {s} -alpha off -colors 16 -compress RLE bmp3:{o}"),
    ("convert-1.bmp", ANY, "convert {s} -alpha off -monochrome bmp3:{o}"),
    ("convert-565.bmp", ANY, "convert {s} -alpha off -define bmp:subtype=RGB565 bmp:{o}"),
    ("convert-555.bmp", ANY, "convert {s} -alpha off -define bmp:subtype=RGB555 bmp:{o}"),
    ("ffmpeg-565.bmp", ANY, "ffmpeg -v error -y -i {s} -pix_fmt rgb565le -f image2 -update 1 -c:v bmp {o}"),
    ("ffmpeg-palette.bmp", ANY, "ffmpeg -v error -y -i {s} -pix_fmt rgb8 -f image2 -update 1 -c:v bmp {o}"),
    ("ffmpeg-32.bmp", ALPHA, "ffmpeg -v error -y -i {s} -pix_fmt bgra -f image2 -update 1 -c:v bmp {o}"),
    ("ppmtobmp.bmp", RGB, "ppmtobmp -quiet {p} > {o}"),
    ("ppmtobmp-os2.bmp", RGB, "pnmquant -quiet 16 {p} | ppmtobmp -quiet -os2 > {o}"),

    ("convert.ico", ANY, "convert {s} ico:{o}"),
    ("convert-sizes.ico", ANY, "convert {s} -resize 64x64! -define icon:auto-resize=64,32,16 ico:{o}"),
    ("convert-256.ico", ANY, "convert {s} -resize 256x256! ico:{o}"),
    ("icotool.ico", ANY, "icotool -c -o {o} {s}"),
    ("icotool-png.ico", ANY, "icotool -c -o {o} --raw={s} {s}"),
    ("icotool-cursor.ico", ANY, "icotool -c --cursor -X 1 -Y 1 -o {o} {s}"),
    ("ffmpeg.ico", ANY, "ffmpeg -v error -y -i {s} -pix_fmt bgra -c:v bmp -f ico {o}"),
    ("ppmtowinicon.ico", RGB, "pnmquant -quiet 16 {p} | ppmtowinicon -quiet > {o}"),

    ("rsvg-convert.svg", ANY, "printf '<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60\" height=\"50\"><circle cx=\"30\" cy=\"20\" r=\"%s\" "
     "fill=\"#c40\"/></svg>' $((RANDOM % 20 + 5)) > {t}.svg && rsvg-convert -f svg {t}.svg -o {o}"),
    ("qrencode.svg", ANY, "qrencode -t SVG -o {o} $(basename {s})"),
    ("qrencode-rle.svg", ANY, "qrencode -t SVG --rle --svg-path --inline -o {o} $(basename {s})"),

    ("heif-enc.heic", ANY, "heif-enc {s} -o {o}"),
    ("heif-enc-thumbnail.heic", ANY, "convert {s} -resize 48x40! png:{t}.png && heif-enc -q 20 -t 8 {t}.png -o {o}"),
    ("heif-enc-lossless.heic", ANY, "heif-enc -L -p chroma=444 --matrix_coefficients=0 {s} -o {o}"),
    ("cjxl-container.jxl", ANY, "cjxl --quiet -e 1 --container=1 {s} {o}"),
    ("cjxl-container-lossless.jxl", ANY, "cjxl --quiet -e 2 -d 0 --container=1 {s} {o}"),
    ("cjxl-jpeg.jxl", OPAQUE, "cjpeg -outfile {t}.jpg {p} && cjxl --quiet -e 3 --container=1 {t}.jpg {o}"),
    ("cjxl.jxl-bare", ANY, "cjxl --quiet -e 1 --container=0 {s} {o}"),
    ("cjxl-progressive.jxl-bare", ANY, "cjxl --quiet -e 3 -p --container=0 {s} {o}"),
    ("convert.tiff", ANY, "convert {s} tiff:{o}"),
    ("convert-big-endian.tiff", ANY, "convert {s} -endian MSB -compress Zip tiff:{o}"),
    ("convert-lzw-strips.tiff", ANY, "convert {s} -define tiff:rows-per-strip=4 -compress LZW tiff:{o}"),
    ("convert-tiles.tiff", ANY, "convert {s} -define tiff:tile-geometry=32x32 tiff:{o}"),
    ("convert-pages.tiff", FRAMES, "convert {a} {b} {c} tiff:{o}"),
    ("convert-bigtiff.tiff", ANY, "convert {s} tiff64:{o}"),
    ("tiffcp-planes.tiff", ANY, "convert {s} tiff:{t} && tiffcp -p separate -r 5 -c packbits {t} {o}"),
    ("ffmpeg.tiff", ANY, "ffmpeg -v error -y -i {s} -f image2 -update 1 -c:v tiff -compression_algo deflate {o}"),
]]


def fits(picture, needs, kind):
    if picture.mode == "large":  # Where it takes no encoder long.
        return kind in ("cjpeg.jpeg", "cjpeg-progressive.jpeg", "convert-icc-comment.jpeg", "optipng-interlaced.png",
                        "cwebp-q1-m0.webp", "convert.gif", "ppmtobmp.bmp")
    if picture.width > 100 and kind.endswith((".svg", ".ico")):
        return False
    return {ANY: True, RGB: picture.rgb, OPAQUE: picture.mode != "alpha", ALPHA: picture.mode == "alpha",
            FRAMES: picture.rgb and picture.width >= 8}[needs]


def run_recipe(folder, number, picture, others, command):
    """The bytes that it makes, or what it says against it."""
    out, own = folder / f"out-{number}", folder / f"own-{number}"
    if "{o}" in command and "icotool" not in command:
        out = out.with_suffix({"avif": ".avif", "heif": ".heic", "cjxl": ".jxl"}.get(command[:4], ".img"))
    frames = [picture, *others]
    if any(mark in command for mark in ("{a}", "{n}", "{t}-$i")):
        for i, frame in enumerate(frames, 1):
            shutil.copy(frame.path, f"{own}-{i}.png")
    line = command.format(s=picture.path, p=picture.path.with_suffix(".ppm"), o=out, t=own, d=folder, n=f"{own}-%d.png",
                          **{letter: f"{own}-{i}.png" for i, letter in enumerate("abc", 1)})
    done = subprocess.run(["bash", "-c", "set -o pipefail; RANDOM=%d; %s" % (number, line)], cwd=folder,
                          capture_output=True, timeout=120, check=False, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    body = out.read_bytes() if out.exists() else b""
    for left in itertools.chain(folder.glob(f"own-{number}*"), [out]):
        left.unlink(missing_ok=True)
    return (body, "") if done.returncode == 0 and body else (b"", done.stderr.decode(errors="replace").strip()[-200:])


def by_programs(rng, folder, pictures, each, say):
    missing, jobs = collections.Counter(), []
    for type_, kind, needs, command in RECIPES:
        program = kind.split("-")[0].split(".")[0] if not kind.startswith(("heif-enc", "rsvg-convert")) else kind.rsplit(".", 1)[0]
        program = "heif-enc" if program.startswith("heif-enc") else program
        if not shutil.which(program):
            missing[program] += 1
            continue
        fitting = [picture for picture in pictures if fits(picture, needs, kind)]
        for picture in rng.sample(fitting, min(each, len(fitting))):
            same = [p for p in pictures if p.rgb and (p.width, p.height) == (picture.width, picture.height) and p != picture]
            jobs.append((type_, kind, picture, same[:2], command))
    for program, kinds in missing.items():
        say(f"skipped {kinds} kinds of encoding: {program} is not installed")
    refusals = collections.defaultdict(list)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(lambda job: run_recipe(folder, job[0], *job[1][2:]), enumerate(jobs)))
    for (type_, kind, *_), (body, why) in zip(jobs, made):
        if body:
            yield Good(type_, kind, body)
        refusals[kind].append("" if body else why or "nothing written")
    for kind, whys in refusals.items():
        if all(whys):
            say(f"skipped {kind}: its encoder refused all {len(whys)} pictures: {whys[0]}")


# --- Pillow.

def icc_profile():
    """Without the time at which it was made."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]


def pillow_recipes():
    profile = icc_profile()
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "remark", 6
    gray = [("jpeg", "L", {}), ("png", "1", {}), ("png", "L", {}), ("png", "LA", {}), ("gif", "L", {}), ("bmp", "1", {}),
            ("bmp", "L", {}), ("tiff", "1", {"compression": "group4"}), ("png", "I;16", {}), ("webp", "L", {})]
    color = [("jpeg", "RGB", {"quality": 95, "subsampling": 0}), ("jpeg", "RGB", {"progressive": True, "optimize": True}),
             ("jpeg", "RGB", {"exif": exif, "dpi": (72, 72)}), ("jpeg", "RGB", {"icc_profile": profile, "comment": b"x"}),
             ("jpeg", "CMYK", {"quality": 70}), ("png", "RGB", {"icc_profile": profile}), ("png", "RGB", {"exif": exif}),
             ("png", "P", {"bits": 4}), ("png", "P", {"transparency": 0}), ("png", "RGBA", {"compress_level": 0}),
             ("gif", "P", {"interlace": 0}), ("gif", "P", {"transparency": 3}), ("bmp", "P", {}), ("bmp", "RGB", {}),
             ("bmp", "RGBA", {}), ("webp", "RGB", {"exif": exif}), ("webp", "RGBA", {"lossless": True}),
             ("webp", "RGBA", {"quality": 30}), ("ico", "RGBA", {}), ("ico", "RGBA", {"bitmap_format": "bmp"}),
             ("tiff", "RGB", {"compression": "tiff_lzw"}), ("tiff", "CMYK", {}), ("tiff", "RGB", {"compression": "jpeg"})]
    moving = [("gif", "P", {}), ("gif", "P", {"disposal": 2, "loop": 0}), ("png", "RGB", {}), ("png", "P", {}),
              ("png", "RGBA", {"default_image": True}), ("webp", "RGB", {"lossless": True}), ("webp", "RGBA", {"quality": 40}),
              ("tiff", "RGB", {})]
    for type_, mode, how in gray + color:
        yield type_, mode, how, False
    for type_, mode, how in moving:
        yield type_, mode, {**how, "save_all": True, "duration": 90}, True


def by_pillow(rng, pictures, each, say):
    if Image is None:
        say("skipped what Pillow encodes: this Python has no PIL (Debian: python3-pil, for /usr/bin/python3)")
        return
    for type_, mode, how, moves in pillow_recipes():
        small = [p for p in pictures if p.rgb and p.mode != "large" and (not moves or p.width >= 8)]
        for picture in rng.sample(small, each):
            images = [Image.open(p.path) for p in small if (p.width, p.height) == (picture.width, picture.height)]
            images = [image.convert("L").convert("I").point(lambda v: v * 257).convert("I;16") if mode == "I;16"
                      else image.convert(mode) for image in images]
            out = io.BytesIO()
            more = {"append_images": images[1:]} if moves else {"sizes": [images[0].size]} if type_ == "ico" else {}
            images[0].save(out, type_, **how, **more)
            yield Good(type_, f"Pillow-{mode}{'-moving' if moves else ''}-{'-'.join(how)}.{type_}", out.getvalue())


# --- SVG as people and their programs write it.

def drawings(rng, each):
    shapes = '<rect x="3" y="4" width="20" height="10" fill="{0}"/><circle cx="30" cy="20" r="9" fill="{1}"/>'
    forms = {
        "plain": '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="50">{0}</svg>',
        "inkscape": '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- Created with Inkscape (http://www.inkscape.org/) -->\n\n'
                    '<svg\n   xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"\n   xmlns:svg="http://www.w3.org/2000/svg"\n'
                    '   xmlns="http://www.w3.org/2000/svg"\n   width="21mm"\n   height="29.7mm"\n   viewBox="0 0 60 50"\n   id="svg8">'
                    '<metadata id="m"/><g inkscape:groupmode="layer">{0}</g></svg>\n',
        "illustrator": '<?xml version="1.0" encoding="utf-8"?>\r\n<!-- Generator: Adobe Illustrator 19.0.0 -->\r\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
                       '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [\r\n\t<!ENTITY ns_svg "http://www.w3.org/2000/svg">\r\n]>\r\n'
                       '<svg version="1.1" xmlns="&ns_svg;" width="60" height="50" xml:space="preserve"><style type="text/css"><![CDATA[.a{{}}]]></style>{0}</svg>\r\n',
        "prefixed": '<s:svg xmlns:s="http://www.w3.org/2000/svg" width="60" height="50"><s:rect width="9" height="9" fill="{1}"/></s:svg>',
        "view-box": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 50">{0}</svg>',
        "no-size": '<svg xmlns="http://www.w3.org/2000/svg">{0}</svg>',
        "script": '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="50"><script>//<![CDATA[\nif (1 < 2) {{}}\n//]]></script>{0}</svg>',
    }
    for name, form in forms.items():
        for _ in range(each):
            colors = [f"#{rng.randrange(1 << 24):06x}" for _ in range(2)]
            yield Good("svg", f"{name}.svg", form.format(shapes.format(*colors), colors[0]).encode())


def make_good(rng, folder, each, say):
    """Images of every kind, `each` of a kind; say() is told what is left out and why."""
    folder = pathlib.Path(folder)
    for name, script in SCRIPTS.items():
        (folder / f"{name}.scans").write_text(script.replace(";", ";\n"))
    (folder / "xmp.xmp").write_text('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
    (folder / "exif.bin").write_bytes(b"MM\0*\0\0\0\x08\0\1\x01\x0e\0\2\0\0\0\4abc\0\0\0\0\0")
    (folder / "icc.icc").write_bytes(icc_profile() if Image else b"")
    pictures = draw_all(rng, folder)
    found, seen = [], set()
    for good in itertools.chain(by_programs(rng, folder, pictures, each, say), by_pillow(rng, pictures, each, say),
                                drawings(rng, each)):
        if good.body not in seen:
            seen.add(good.body)
            found.append(good)
    return found
