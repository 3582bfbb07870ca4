"""What image_corpus.py does to good images: faults that browsers overlook or may overlook (odd), and harm (broken).

Each odd fault is a function of the bytes and a random.Random; it returns the new bytes, or None where the image has no
place for it."""
import re
import struct

from corpus_wounds_jpeg import JPEG_ODD
from corpus_wounds_png import PNG_ODD


# --- GIF.

def gif_blocks(body):
    """Offsets of blocks: extensions, images, the trailer."""
    def table(flags):
        return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

    at = 13 + table(body[10])
    while at < len(body):
        yield at
        if body[at] == 0x3B:
            return
        at += 2 if body[at] == 0x21 else 11 + table(body[at + 9])
        while body[at] != 0:
            at += body[at] + 1
        at += 1


def gif_with(piece, where):
    def change(body, rng):
        blocks = list(gif_blocks(body))
        images = [at for at in blocks if body[at] == 0x2C]
        at = {"first": blocks[0], "last": len(body) - 1, "between": images[-1] if len(images) > 1 else None}[where]
        return None if at is None else body[:at] + piece + body[at:]
    return change


def gif_patch(at, value):
    return lambda body, rng: body[:at] + value + body[at + len(value):]


def gif_image_patch(offset, value):
    def change(body, rng):
        at = next(at for at in gif_blocks(body) if body[at] == 0x2C) + offset
        return body[:at] + value + body[at + len(value):]
    return change


def gif_code_size(size):
    def change(body, rng):
        at = next(at for at in gif_blocks(body) if body[at] == 0x2C)
        at += 10 + (3 << ((body[at + 9] & 7) + 1) if body[at + 9] & 0x80 else 0)
        return body[:at] + bytes([size]) + body[at + 1:]
    return change


GIF_ODD = {
    "no trailer": lambda b, r: b[:-1],
    "no trailer and no end of the data": lambda b, r: b[:-2],
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "zeros in place of the trailer": lambda b, r: b[:-1] + bytes(r.randrange(1, 300)),
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
    "garbage before the trailer": gif_with(b"\0\1\2", "last"),
    "zeros between frames": gif_with(b"\0\0", "between"),
    "a comment": gif_with(b"\x21\xfe\5hello\0", "first"),
    "a comment before the trailer": gif_with(b"\x21\xfe\5hello\0", "last"),
    "an unknown extension": gif_with(b"\x21\x77\5hello\0", "first"),
    "an odd application extension": gif_with(b"\x21\xff\3abc\2de\0", "first"),
    "an empty extension": gif_with(b"\x21\xfe\0", "first"),
    "a control without an image": gif_with(b"\x21\xf9\4\0\0\0\0\0", "last"),
    "a control of another length": gif_with(b"\x21\xf9\2\0\0\0", "first"),
    "plain text": gif_with(b"\x21\x01\x0c" + bytes(12) + b"\3abc\0", "first"),
    "garbage before the first block": gif_with(b"\0\0", "first"),
    "called 87a": gif_patch(3, b"87a"),
    "a version that is none": gif_patch(3, b"88a"),
    "a screen of no size": gif_patch(6, b"\0\0\0\0"),
    "a screen of another size": gif_patch(6, b"\3\0\3\0"),
    "background beyond the palette": gif_patch(11, b"\xff"),
    "an aspect ratio": gif_patch(12, b"\x31"),
    "image beyond the screen": gif_image_patch(1, b"\5\0\5\0"),
    "image of no size": gif_image_patch(5, b"\0\0\0\0"),
    "code size 0": gif_code_size(0),
    "code size 12": gif_code_size(12),
    "code size 13": gif_code_size(13),
}


# --- WebP.

def riff(body):
    return b"RIFF" + struct.pack("<I", len(body) - 8) + body[8:]


def riff_size(change):
    return lambda body, rng: body[:4] + struct.pack("<I", struct.unpack_from("<I", body, 4)[0] + change) + body[8:]


def webp_patched(at, bits):
    """Where there is a VP8X chunk."""
    def change(body, rng):
        return body[:at] + bytes([body[at] ^ bits]) + body[at + 1:] if body[12:16] == b"VP8X" else None
    return change


WEBP_ODD = {
    **{f"RIFF size {change:+}": riff_size(change) for change in (8, 12, 4, 1, 20, -1, -8)},
    "RIFF size 0": lambda b, r: b[:4] + bytes(4) + b[8:],
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "zeros within": lambda b, r: riff(b + bytes(2 * r.randrange(1, 20))),
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
    "another WebP behind": lambda b, r: b + b,
    "an unknown chunk last": lambda b, r: riff(b + b"junk\3\0\0\0abc\0"),
    "an unknown chunk without padding": lambda b, r: riff(b + b"junk\3\0\0\0abc"),
    "an unknown chunk first": lambda b, r: riff(b[:12] + b"junk\4\0\0\0abcd" + b[12:]),
    "an empty chunk": lambda b, r: riff(b + b"junk\0\0\0\0"),
    "a flag of alpha more or less": webp_patched(20, 0x10),
    "a flag of ICC more or less": webp_patched(20, 0x20),
    "a flag of EXIF more or less": webp_patched(20, 0x08),
    "a flag of animation more or less": webp_patched(20, 0x02),
    "a reserved bit": webp_patched(20, 0x81),
    "another canvas": webp_patched(24, 0x01),
}


# --- AVIF, HEIC, JPEG XL in boxes.

def box(name, body):
    return struct.pack(">I", len(body) + 8) + name + body


def box_to_the_end(body, rng):
    at, last = 0, None
    while at + 8 <= len(body):
        size, = struct.unpack_from(">I", body, at)
        last, at = at, at + size
        if size < 8:
            return None
    return body[:last] + bytes(4) + body[last + 4:]


BOX_ODD = {
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "a line's end behind": lambda b, r: b + b"\n",
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
    "a free box behind": lambda b, r: b + box(b"free", bytes(20)),
    "an unknown box behind": lambda b, r: b + box(b"abcd", bytes(20)),
    "a box that is torn behind": lambda b, r: b + box(b"free", bytes(200))[:50],
    "a box of images that is torn behind": lambda b, r: b + box(b"mdat", bytes(200))[:50],
    "the last box to the end": box_to_the_end,
    "other brands": lambda b, r: b[:12] + b"\0\0\0\1" + b[16:],
}


# --- BMP, ICO, TIFF, SVG.

def patch(at, value):
    return lambda body, rng: body[:at] + value + body[at + len(value):]


def for_windows_bmp(change):
    return lambda body, rng: change(body, rng) if body[14] >= 40 else None


BMP_ODD = {
    "file size 0": patch(2, bytes(4)),
    "file size too large": patch(2, b"\xff\xff\xff\x7f"),
    "reserved bytes": patch(6, b"\1\2\3\4"),
    "offset 0": patch(10, bytes(4)),
    "planes 0": for_windows_bmp(patch(26, bytes(2))),
    "bytes of pixels 0": for_windows_bmp(lambda b, r: patch(34, bytes(4))(b, r) if b[30] == 0 else None),
    "bytes of pixels wrong": for_windows_bmp(lambda b, r: patch(34, b"\7\0\0\0")(b, r)),
    "resolution 0": for_windows_bmp(patch(38, bytes(8))),
    "256 colours said of fewer": for_windows_bmp(lambda b, r: patch(46, b"\0\1\0\0")(b, r) if b[28] < 8 else None),
    "0 colours said": for_windows_bmp(lambda b, r: patch(46, bytes(4))(b, r) if b[28] <= 8 and not any(b[46:50]) else None),
    "as many as 300 colours said": for_windows_bmp(lambda b, r: patch(46, b"\x2c\1\0\0")(b, r) if b[28] == 8 else None),
    "important colours": for_windows_bmp(patch(50, b"\xff\xff\0\0")),
    "1 byte short": lambda b, r: b[:-1],
    "2 bytes short": lambda b, r: b[:-2],
    "3 bytes short": lambda b, r: b[:-3],
    "4 bytes short": lambda b, r: b[:-4],
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
    "a negative width": for_windows_bmp(lambda b, r: patch(18, struct.pack("<i", -struct.unpack_from("<i", b, 18)[0]))(b, r)),
    "0 wide": for_windows_bmp(patch(18, bytes(4))),
    "depth 7": for_windows_bmp(patch(28, b"\7\0")),
    "compression 9": for_windows_bmp(patch(30, b"\x09\0\0\0")),
}


def ico_more_entries(entry):
    """A further entry in the directory, last; the offsets of the others are moved."""
    def change(body, rng):
        count, = struct.unpack_from("<H", body, 4)
        out = body[:4] + struct.pack("<H", count + 1)
        for i in range(count):
            old = body[6 + 16 * i:22 + 16 * i]
            out += old[:12] + struct.pack("<I", struct.unpack("<I", old[12:])[0] + 16)
        return out + entry(len(body) + 16) + body[6 + 16 * count:]
    return change


def ico_entry(width, size, offset):
    return struct.pack("<BBBBHHII", width, width, 0, 0, 1, 32, size, offset)


ICO_ODD = {
    "reserved byte": patch(9, b"\xff"),
    "reserved byte 1": patch(9, b"\1"),
    "colours wrong": patch(8, b"\x63"),
    "planes and depth 0": patch(10, bytes(4)),
    "called a cursor": patch(2, b"\2"),
    "another size in the entry": patch(6, b"\x09\x09"),
    "a size of 0 in the entry": patch(6, b"\0\0"),
    "a small image of no bytes": ico_more_entries(lambda end: ico_entry(1, 0, end)),
    "a small image within the directory": ico_more_entries(lambda end: ico_entry(1, 40, 2)),
    "a small image behind the end": ico_more_entries(lambda end: ico_entry(1, 40, end + 100)),
    "a small image far behind the end": ico_more_entries(lambda end: ico_entry(1, 40, 0x7FFFFFFF)),
    "a large image behind the end": ico_more_entries(lambda end: ico_entry(0, 4000, end + 100)),
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
    "more bytes in the entry than there are": lambda b, r: b[:14] + struct.pack("<I", len(b) + 9) + b[18:] if b[4] == 1 else None,
    "no entries": patch(4, bytes(2)),
}

TIFF_ODD = {
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
}


def svg_head(body):
    """Without its XML declaration."""
    return re.sub(rb"^\s*<\?xml[^>]*\?>\s*", b"", body)


def declared(label, encode):
    def change(body, rng):
        text = svg_head(body).decode("utf-8")
        return encode(f'<?xml version="1.0" encoding="{label}"?>{text}')
    return change


def without_doctype(prefix):
    """Before an image that has no doctype of its own."""
    return lambda body, rng: None if b"<!DOCTYPE" in body else prefix + svg_head(body)


SVG_ODD = {
    "UTF-16 with its mark": declared("UTF-16", lambda t: t.encode("utf-16")),
    "UTF-16 BE": declared("UTF-16", lambda t: b"\xfe\xff" + t.encode("utf-16-be")),
    "UTF-16 called UTF-8": declared("UTF-8", lambda t: t.encode("utf-16")),
    "UTF-8 called UTF-16": declared("UTF-16", lambda t: t.encode()),
    "UTF-8 with its mark": lambda b, r: b"\xef\xbb\xbf" + b,
    "UTF-8 with its mark called latin1": declared("iso-8859-1", lambda t: b"\xef\xbb\xbf" + t.encode()),
    "latin1": declared("iso-8859-1", lambda t: t.replace("</", "<!-- \u00e9 --></", 1).encode("latin-1")),
    "windows-1251": declared("windows-1251", lambda t: t.replace("</", "<!-- \u0416 --></", 1).encode("cp1251")),
    "gbk": declared("gbk", lambda t: t.replace("</", "<!-- \u718a --></", 1).encode("gbk")),
    "an encoding that is none": declared("x-none", lambda t: t.encode()),
    "brackets in the doctype": without_doctype(b'<!DOCTYPE svg [<!ENTITY c "a[href]{}"><!ENTITY d "x">]>'),
    "a comment in the doctype": without_doctype(b'<!DOCTYPE svg [<!-- [1] ]> --><!ENTITY d "x">]>'),
    "a long comment first": lambda b, r: b"<!-- " + b"x" * 17000 + b" -->" + svg_head(b),
    "white space first": lambda b, r: b" \r\n\t" + svg_head(b),
    "white space before the declaration": lambda b, r: b"\n<?xml version='1.0'?>" + svg_head(b),
    "a comment last": lambda b, r: b + b"\n<!-- cached -->\n",
    "text last": lambda b, r: b + b"junk",
    "zeros last": lambda b, r: b + bytes(3),
    "a second root": lambda b, r: b + b"<p/>",
    "no end": lambda b, r: b[:b.rindex(b"</")],
    "an instruction": lambda b, r: b'<?xml-stylesheet href="x.css"?>' + svg_head(b),
    "an entity that nobody declared": lambda b, r: b[:b.rindex(b"</")] + b"<text>&nbsp;</text>" + b[b.rindex(b"</"):],
    "a prefix that nobody bound": lambda b, r: b[:b.rindex(b"</")] + b'<rect xlink:href="#a"/>' + b[b.rindex(b"</"):],
    "a control character": lambda b, r: b[:b.rindex(b"</")] + b"<text>\x01</text>" + b[b.rindex(b"</"):],
    "an attribute twice": lambda b, r: b[:b.rindex(b"</")] + b'<g id="a" id="b"/>' + b[b.rindex(b"</"):],
    "bytes that are no UTF-8": lambda b, r: b[:b.rindex(b"</")] + b"<text>\xe9</text>" + b[b.rindex(b"</"):],
    "no namespace": lambda b, r: b.replace(b"http://www.w3.org/2000/svg", b"", 1) if b"<svg " in b and b"&ns" not in b else None,
    "XML 1.1": lambda b, r: b'<?xml version="1.1"?>' + svg_head(b),
    "a size of 0": lambda b, r: b.replace(b'width="60"', b'width="0"') if b'width="60"' in b else None,
    "a negative size": lambda b, r: b.replace(b'width="60"', b'width="-3"') if b'width="60"' in b else None,
    "a size in per cent": lambda b, r: b.replace(b'width="60"', b'width="100%"') if b'width="60"' in b else None,
    "a size that is none": lambda b, r: b.replace(b'width="60"', b'width="wide"') if b'width="60"' in b else None,
}

# Of JPEGs that no browser shows: what may stand at their end, and a marker that is none.
RARE_ODD = {name: JPEG_ODD[name] for name in ("no EOI", "zeros behind", "text behind", "another JPEG behind", "no APP", "fill bytes")}
ODD = {"jpeg": JPEG_ODD, "arithmetic": RARE_ODD, "lossless": RARE_ODD, "png": PNG_ODD, "gif": GIF_ODD, "webp": WEBP_ODD, "avif": BOX_ODD, "heic": BOX_ODD,
       "jxl": BOX_ODD, "jxl-bare": {}, "bmp": BMP_ODD, "ico": ICO_ODD, "tiff": TIFF_ODD, "svg": SVG_ODD}


# --- Harm, to any type.

HTML = [b"<!DOCTYPE html><html><body>Not found</body></html>", b"<html><head><title>403</title></head></html>",
        b"\n\n<!-- x --><div>login</div>", b"<script>location='/'</script>"]
OTHERS = [b'{"error":"not found"}', b"Not Found", b"\0" * 500, b"%PDF-1.4\n%abc\n", b"PK\3\4" + bytes(60), b"\x1f\x8b\x08" + bytes(60),
          b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(60), b"8BPS\0\1" + bytes(60)]


def somewhere(body, rng, head):
    return rng.randrange(1, min(len(body), 300) if head else len(body))


def harms(body, rng, other):
    """Name, bytes and whether they are a beginning of the image: one of every kind."""
    size = len(body)
    span = lambda: rng.randrange(1, max(2, min(size // 4, 64)))
    for name, at in (("cut in half", size // 2), ("cut near the start", rng.randrange(1, max(2, size // 10))), ("cut", rng.randrange(1, size)),
                     ("cut", rng.randrange(1, size)), ("cut near the end", size - rng.randrange(1, min(size, 40))),
                     ("cut by a byte or some", size - rng.randrange(1, min(size, 6)))):
        yield name, body[:at], True
    for head, where in ((True, "header"), (False, "data")):
        at = somewhere(body, rng, head)
        yield f"bit flipped in the {where}", body[:at] + bytes([body[at] ^ 1 << rng.randrange(8)]) + body[at + 1:], False
        at = somewhere(body, rng, head)
        yield f"byte changed in the {where}", body[:at] + rng.randbytes(1) + body[at + 1:], False
        at, many = somewhere(body, rng, head), span()
        yield f"zeros in the {where}", body[:at] + bytes(len(body[at:at + many])) + body[at + many:], False
        at, many = somewhere(body, rng, head), span()
        yield f"bytes lost in the {where}", body[:at] + body[at + many:], False
        at, many = somewhere(body, rng, head), span()
        yield f"bytes twice in the {where}", body[:at + many] + body[at:], False
    a, b = sorted(rng.sample(range(size), 2))
    many = max(1, min(span(), b - a))
    yield "two pieces swapped", body[:a] + body[b:b + many] + body[a + many:b] + body[a:a + many] + body[b + many:], False
    yield "end of another", body[:size // 2] + other[len(other) // 2:], False
    yield "second half zero", body[:size // 2] + bytes(size - size // 2), False
    yield "text in place of line ends", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), False
