"""What corpus_wounds.py does to JPEGs: faults that browsers overlook or may overlook."""
import re
import struct


def jpeg_segments(body):
    """Offset and marker of each segment up to the first scan."""
    at = 2
    while at + 4 <= len(body) and body[at] == 0xFF:
        yield at, body[at + 1]
        if body[at + 1] == 0xDA:
            return
        at += 2 + struct.unpack_from(">H", body, at + 2)[0]


def jpeg_at(body, *markers):
    return next((at for at, marker in jpeg_segments(body) if marker in markers), None)


def behind_start(piece):
    return lambda body, rng: body[:2] + piece + body[2:]


def before_scan(piece):
    return lambda body, rng: body[:jpeg_at(body, 0xDA)] + piece + body[jpeg_at(body, 0xDA):]


def jpeg_without_app(body, rng):
    at = jpeg_at(body, *range(0xE0, 0xF0))
    return None if at is None else body[:at] + body[at + 2 + struct.unpack_from(">H", body, at + 2)[0]:]


def jpeg_with_mixed_restarts(body, rng):
    at = [m.start() for m in re.finditer(rb"\xff[\xd0-\xd7]", body[jpeg_at(body, 0xDA):])]
    if len(at) < 3:
        return None
    at = jpeg_at(body, 0xDA) + rng.choice(at)
    return body[:at + 1] + bytes([0xD0 + (body[at + 1] + 3) % 8]) + body[at + 2:]


def jpeg_with_lines_behind(body, rng):
    """The height is 0 in the frame, and DNL says it behind the first scan."""
    at = jpeg_at(body, 0xC0, 0xC1)
    end = len(body) - 2
    if at is None or b"\xff\xda" in body[jpeg_at(body, 0xDA) + 2:end]:
        return None
    return body[:at + 5] + b"\0\0" + body[at + 7:end] + b"\xff\xdc\0\4" + body[at + 5:at + 7] + body[end:]


def jpeg_of_sizes(width, height):
    def change(body, rng):
        at = jpeg_at(body, 0xC0, 0xC1, 0xC2)
        size = [a if a is not None else b for a, b in zip((height, width), struct.unpack_from(">HH", body, at + 5))]
        return body[:at + 5] + struct.pack(">HH", *size) + body[at + 9:]
    return change


def jpeg_of_a_foreign_component(body, rng):
    at = jpeg_at(body, 0xDA)
    return body[:at + 5] + b"\x77" + body[at + 6:]


def jpeg_of_other_sampling(body, rng):
    at = jpeg_at(body, 0xC0, 0xC1, 0xC2)
    return body[:at + 11] + b"\0" + body[at + 12:]


SEF = b"\0\0\1\x0a\x0e\0\0\0Image_UTC_Data1532700000000SEFHj\0\0\0SEFT"
JPEG_ODD = {
    "no EOI": lambda b, r: b[:-2],
    "half an EOI": lambda b, r: b[:-1],
    "maker's trailer in place of EOI": lambda b, r: b[:-2] + SEF,
    "maker's trailer": lambda b, r: b + SEF,
    "zeros behind": lambda b, r: b + bytes(r.randrange(1, 3000)),
    "zeros in place of EOI": lambda b, r: b[:-2] + bytes(r.randrange(1, 300)),
    "FF in place of EOI": lambda b, r: b[:-2] + b"\xff" * r.randrange(1, 30),
    "text behind": lambda b, r: b + b"\r\n<!-- cached -->",
    "another JPEG behind": lambda b, r: b + b,
    "two EOI": lambda b, r: b + b"\xff\xd9",
    "COM of length 0": behind_start(b"\xff\xfe\0\0"),
    "COM of length 1": behind_start(b"\xff\xfe\0\1"),
    "APP of length 0": behind_start(b"\xff\xe3\0\0"),
    "empty COM": behind_start(b"\xff\xfe\0\2"),
    "fill bytes": before_scan(b"\xff\xff\xff"),
    "garbage between segments": before_scan(b"\0\1\2garbage"),
    "DNL of another height": lambda b, r: b[:-2] + b"\xff\xdc\0\4\0\7" + b[-2:],
    "DNL of length 3": lambda b, r: b[:-2] + b"\xff\xdc\0\3\0" + b[-2:],
    "DNL of length 0": lambda b, r: b[:-2] + b"\xff\xdc\0\0" + b[-2:],
    "DNL for a height of 0": jpeg_with_lines_behind,
    "no APP": jpeg_without_app,
    "faulty EXIF": behind_start(b"\xff\xe1\0\x10Exif\0\0MM\0*\xff\xff\xff\xff"),
    "faulty ICC": behind_start(b"\xff\xe2\0\x14ICC_PROFILE\0\5\1junk"),
    "COM before the scan": before_scan(b"\xff\xfe\0\6abcd"),
    "unused table": before_scan(b"\xff\xdb\0\x43\3" + bytes(range(1, 65))),
    "restart interval of 0": before_scan(b"\xff\xdd\0\4\0\0"),
    "restart markers out of order": jpeg_with_mixed_restarts,
    "reserved marker": before_scan(b"\xff\x02"),
    "second SOI": behind_start(b"\xff\xd8"),
    "TEM marker": before_scan(b"\xff\x01"),
    "EOI before the scan": before_scan(b"\xff\xd9"),
    "DHP": before_scan(b"\xff\xde\0\4\0\0"),
    "EXP": before_scan(b"\xff\xdf\0\3\0"),
    "JPG13": before_scan(b"\xff\xfd\0\4\0\0"),
    "DAC": before_scan(b"\xff\xcc\0\4\0\0"),
    "RST between segments": before_scan(b"\xff\xd3"),
    "bytes before SOI": lambda b, r: b"\r\n" + b,
    "0 wide": jpeg_of_sizes(0, None),
    "0 high": jpeg_of_sizes(None, 0),
    "a scan of a component that is none": jpeg_of_a_foreign_component,
    "sampling factor of 0": jpeg_of_other_sampling,
}
