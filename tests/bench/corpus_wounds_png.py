"""What corpus_wounds.py does to PNGs: faults that browsers overlook or may overlook."""
import struct
import zlib

from corpus_encoders import png_chunk


def png_chunks(body):
    at, chunks = 8, []
    while at + 12 <= len(body):
        length, = struct.unpack_from(">I", body, at)
        chunks.append((body[at + 4:at + 8], body[at + 8:at + 8 + length], body[at + 8 + length:at + 12 + length]))
        at += 12 + length
    return chunks


def png_of(chunks):
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(data)) + name + data +
                                           (crc[0] if crc else struct.pack(">I", zlib.crc32(name + data)))
                                           for name, data, *crc in chunks)


def png_with(piece, before):
    """A further chunk before the first of that name."""
    def change(body, rng):
        at = body.index(before) - 4 if before in body else None
        return None if at is None else body[:at] + piece + body[at:]
    return change


def bad_crc(name, data):
    return png_chunk(name, data)[:-4] + b"\1\2\3\4"


def png_changed(change):
    """change: of name and data of each chunk, to a list of new ones."""
    def changed(body, rng):
        return png_of([new for name, data, _ in png_chunks(body) for new in change(name, data)])
    return changed


def png_with_crc_of(name_of, crc=b"\1\2\3\4"):
    def change(body, rng):
        chunks = png_chunks(body)
        if not any(name == name_of for name, *_ in chunks):
            return None
        return png_of([(name, data, crc if name == name_of else old) for name, data, old in chunks])
    return change


def png_data(change):
    """The compressed data in one IDAT, changed."""
    def changed(body, rng):
        chunks = [(name, data) for name, data, _ in png_chunks(body)]
        joined = b"".join(data for name, data in chunks if name == b"IDAT")
        first = [name for name, _ in chunks].index(b"IDAT")
        before = chunks[:first]
        after = [chunk for chunk in chunks[first:] if chunk[0] != b"IDAT"]
        return png_of(before + [(b"IDAT", piece) for piece in change(joined)] + after)
    return changed


def png_animation(change):
    def changed(body, rng):
        return png_changed(change)(body, rng) if b"acTL" in body and b"fdAT" in body else None
    return changed


def moved(name_of, before):
    def change(body, rng):
        chunks = [(name, data) for name, data, _ in png_chunks(body)]
        moving = [chunk for chunk in chunks if chunk[0] == name_of]
        names = [chunk[0] for chunk in chunks if chunk[0] != name_of]
        if not moving or before not in names:
            return None
        rest = [chunk for chunk in chunks if chunk[0] != name_of]
        at = names.index(before)
        return png_of(rest[:at] + moving + rest[at:])
    return change


def png_with_split_data(body, rng):
    """A tEXt chunk between two IDAT chunks."""
    halves = png_data(lambda d: [d[:len(d) // 2], d[len(d) // 2:]])(body, None)
    second = halves.index(b"IDAT", halves.index(b"IDAT") + 4) - 4
    return halves[:second] + png_chunk(b"tEXt", b"a\0b") + halves[second:]


PNG_ODD = {
    "wrong CRC of IEND": png_with_crc_of(b"IEND"),
    "content of IEND": png_changed(lambda n, d: [(n, b"end" if n == b"IEND" else d)]),
    "no IEND": lambda b, r: b[:-12],
    "cut in IEND": lambda b, r: b[:-r.randrange(1, 12)],
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "zeros in place of IEND": lambda b, r: b[:-12] + bytes(r.randrange(12, 300)),
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
    "another PNG behind": lambda b, r: b + b,
    "wrong CRC of tEXt": png_with(bad_crc(b"tEXt", b"a\0b"), b"IDAT"),
    "wrong CRC of iCCP": png_with(bad_crc(b"iCCP", b"icc\0\0" + zlib.compress(b"x" * 128)), b"PLTE"),
    "wrong CRC of gAMA": png_with(bad_crc(b"gAMA", struct.pack(">I", 45455)), b"IDAT"),
    "wrong CRC of tRNS": png_with_crc_of(b"tRNS"),
    "wrong CRC of IHDR": png_with_crc_of(b"IHDR"),
    "wrong CRC of PLTE": png_with_crc_of(b"PLTE"),
    "wrong CRC of IDAT": png_with_crc_of(b"IDAT"),
    "wrong CRC of text behind the data": png_with(bad_crc(b"tEXt", b"a\0b"), b"IEND"),
    "faulty iCCP": png_with(png_chunk(b"iCCP", b"icc\0\0junk"), b"IDAT"),
    "gAMA of 0": png_with(png_chunk(b"gAMA", b"\0\0\0\0"), b"IDAT"),
    "gAMA too long": png_with(png_chunk(b"gAMA", b"\0\0\xb1\x8f\0"), b"IDAT"),
    "tRNS too long": png_with(png_chunk(b"tRNS", bytes(300)), b"IDAT"),
    "two sRGB": png_with(png_chunk(b"sRGB", b"\0") * 2, b"IDAT"),
    "pHYs behind the data": png_with(png_chunk(b"pHYs", bytes(9)), b"IEND"),
    "an unknown chunk": png_with(png_chunk(b"prVt", b"abc"), b"IDAT"),
    "an unknown chunk behind the data": png_with(png_chunk(b"vpAg", b"abc"), b"IEND"),
    "an unknown chunk that matters": png_with(png_chunk(b"ABCD", b"abc"), b"IDAT"),
    "a chunk with the reserved bit": png_with(png_chunk(b"abcd", b"abc"), b"IDAT"),
    "Apple's CgBI": png_with(png_chunk(b"CgBI", bytes(4)), b"IHDR"),
    "text before IHDR": png_with(png_chunk(b"tEXt", b"a\0b"), b"IHDR"),
    "two IHDR": png_with(png_chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)), b"IDAT"),
    "a palette that is a hint": png_with(png_chunk(b"PLTE", b"abcdef"), b"IDAT"),
    "a faulty hint": png_with(png_chunk(b"PLTE", b"abcde"), b"IDAT"),
    "palette behind the data": moved(b"PLTE", b"IEND"),
    "a chunk within the data": png_with_split_data,
    "an empty IDAT first": png_data(lambda d: [b"", d]),
    "an empty IDAT last": png_data(lambda d: [d, b""]),
    "IDAT in bytes": png_data(lambda d: [d[i:i + 1] for i in range(min(len(d), 400))] + [d[400:]]),
    "wrong Adler sum": png_data(lambda d: [d[:-4] + b"\1\2\3\4"]),
    "no Adler sum": png_data(lambda d: [d[:-4]]),
    "half an Adler sum": png_data(lambda d: [d[:-2]]),
    "too small a window": png_data(lambda d: [b"\x18\x19" + d[2:]]),
    "bytes behind the stream": png_data(lambda d: [d + b"junk"]),
    "more rows than its height": png_data(lambda d: [zlib.compress(zlib.decompress(d) * 2)]),
    "fewer rows than its height": png_data(lambda d: [zlib.compress(zlib.decompress(d)[:-max(2, len(zlib.decompress(d)) // 4)])]),
    "stream cut in the middle": png_data(lambda d: [d[:len(d) // 2]]),
    "animation of 0 frames": png_animation(lambda n, d: [(n, bytes(8) if n == b"acTL" else d)]),
    "animation of more frames": png_animation(lambda n, d: [(n, b"\0\0\0\x63" + d[4:] if n == b"acTL" else d)]),
    "animation out of sequence": png_animation(lambda n, d: [(n, d[:3] + bytes([d[3] ^ 1]) + d[4:] if n == b"fdAT" else d)]),
    "animation without its frames": png_animation(lambda n, d: [] if n in (b"fcTL", b"fdAT") else [(n, d)]),
    "animation without acTL": png_animation(lambda n, d: [] if n == b"acTL" else [(n, d)]),
    "a frame beyond the image": png_animation(lambda n, d: [(n, d[:4] + b"\0\0\x40\0" + d[8:] if n == b"fcTL" else d)]),
    "frame data that is torn": png_animation(lambda n, d: [(n, d[:len(d) // 2] if n == b"fdAT" else d)]),
    "0 wide": png_changed(lambda n, d: [(n, bytes(4) + d[4:] if n == b"IHDR" else d)]),
    "filter method 1": png_changed(lambda n, d: [(n, d[:11] + b"\1" + d[12:] if n == b"IHDR" else d)]),
    "interlace method 2": png_changed(lambda n, d: [(n, d[:12] + b"\2" if n == b"IHDR" else d)]),
}
