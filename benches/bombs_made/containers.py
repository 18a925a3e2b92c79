"""Bombs that hold mail: archives that unpack to much, to each other, or to themselves."""

import functools, gzip, io, struct, tarfile, zipfile, zlib

from .mail import MB, answered, bomb, message, plain


def packed(name):
    """A container: the function gives the bytes and the file's name."""
    def add(make):
        make.container = name
        return make
    return add


ZEROS = 1 << 30


@bomb(4)
@packed("bomb.mbox.gz")
def gzip_high_ratio(n):
    out, pack = io.BytesIO(), zlib.compressobj(9, zlib.DEFLATED, 31)
    out.write(pack.compress(answered([], "When?\n")))
    for _ in range(n * 64):
        out.write(pack.compress(b"\0" * (16 * MB)))
    out.write(pack.flush())
    return out.getvalue()


@bomb(4)
@packed("bomb.zip")
def zip_high_ratio(n):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for i in range(n):
            with z.open(f"m{i}.mbox", "w", force_zip64=True) as f:
                f.write(answered([], "When?\n"))
                for _ in range(64):
                    f.write(b"\0" * (16 * MB))
        z.writestr("good.mbox", answered([], "When?\n"))
    return out.getvalue()


@bomb(40)
@packed("bomb.zip")
def zip_nested(n):
    data, name = answered([], "When?\n"), "in.mbox"
    for i in range(n):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            z.writestr(name, data)
        data, name = out.getvalue(), f"{i}.zip"
    return data


@bomb(6)
@packed("bomb.zip")
def zip_tree(n):
    """Ten archives in each archive: 10^n members from a few kilobytes."""
    data, name = answered([], "When?\n"), "in.mbox"
    for i in range(n):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for k in range(10):
                z.writestr(f"{k}-{name}", data)
        data, name = out.getvalue(), f"{i}.zip"
    return data


@bomb(400)
@packed("bomb.mbox.gz")
def gzip_nested(n):
    data = answered([], "When?\n")
    for _ in range(n):
        data = gzip.compress(data, 1)
    return data


@bomb(200_000)
@packed("bomb.zip")
def zip_members(n):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for i in range(n):
            z.writestr(f"{i}.eml", b"From: a@example.com\nSubject: x\n\ny\n")
        z.writestr("good.mbox", answered([], "When?\n"))
    return out.getvalue()


@bomb(20_000)
@packed("bomb.zip")
def zip_overlapping(n):
    """Many entries of the directory lead to the same bytes."""
    data = answered([], "When?\n" * 10_000)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), 6, 0) + b"a.mbox"
    entries = b""
    for i in range(n):
        name = f"{i}.mbox".encode()
        entries += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data),
                               len(data), len(name), 0, 0, 0, 0, 0, 0) + name
    body = local + data
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, n % 65536, n % 65536, len(entries), len(body), 0)
    return body + entries + end


@bomb(1)
@packed("bomb.tar")
def tar_huge_size(n):
    info = tarfile.TarInfo("in.mbox")
    info.size = 1 << 62
    good = answered([], "When?\n")
    first = tarfile.TarInfo("good.mbox")
    first.size = len(good)
    pad = b"\0" * (-len(good) % 512)
    return first.tobuf(tarfile.GNU_FORMAT) + good + pad + info.tobuf(tarfile.GNU_FORMAT) + good


@bomb(1)
@packed("bomb.tar")
def tar_sparse(n):
    """A sparse member that says it is a terabyte of zeros."""
    good = answered([], "When?\n")
    first = tarfile.TarInfo("good.mbox")
    first.size = len(good)
    info = tarfile.TarInfo("sparse.mbox")
    info.type = tarfile.GNUTYPE_SPARSE
    info.size = 512
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[386:398], block[398:410] = b"%011o\0" % 0, b"%011o\0" % 512
    block[483:495] = b"\x80" + (1 << 40).to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    data = (good + b"x" * 512)[:512]
    return first.tobuf(tarfile.GNU_FORMAT) + good + b"\0" * (-len(good) % 512) + bytes(block) + data + b"\0" * 1024


@bomb(100_000)
@packed("bomb.tar")
def tar_members(n):
    data = b"From: a@example.com\nSubject: x\n\ny\n"
    good = answered([], "When?\n")
    first = tarfile.TarInfo("good.mbox")
    first.size = len(good)
    out = [first.tobuf(tarfile.USTAR_FORMAT), good, b"\0" * (-len(good) % 512)]
    for i in range(n):
        info = tarfile.TarInfo(f"{i}.eml")
        info.size = len(data)
        out.append(info.tobuf(tarfile.USTAR_FORMAT) + data + b"\0" * (512 - len(data)))
    return b"".join(out) + b"\0" * 1024


# An archive that unpacks to itself. Deflate says "here are n bytes" (L, five bytes) and "the last n bytes again" (R,
# made five bytes long by the way it is split). Below, every line is one block with its bytes; what the blocks give,
# put together, is the file from its first byte to its last, between a head P and a tail S that may be anything.

def literal(data):
    return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data


@functools.cache
def again(n, last=False, size=5):
    """The last n bytes once more, in `size` bytes; none if that cannot be."""
    lengths = [(3 + i, 0) for i in range(8)] + [(b, e) for e in range(1, 6) for b in
                                               range(11 + (2 ** (e - 1) - 1) * 8, 11 + (2 ** e - 1) * 8, 2 ** e)]
    distances = [(1 + i, 0) for i in range(4)]
    for e in range(1, 14):
        distances += [(2 ** (e + 1) + 1, e), (2 ** (e + 1) + 2 ** e + 1, e)]

    def copy(length):
        code = max(i for i, (least, _) in enumerate(lengths) if least <= length)
        away = max(i for i, (least, _) in enumerate(distances) if least <= n)
        bits = f"{code + 1:07b}" if code < 23 else f"{code - 23 + 0xC0:08b}"
        for value, (least, extra), sign in ((length, lengths[code], ""), (n, distances[away], f"{away:05b}")):
            bits += sign + (f"{value - least:0{extra}b}"[::-1] if extra else "")
        return bits
    for pieces in range(1, 12):
        for uneven in range(0, min(n, 250)):
            each = (n - uneven) // pieces
            split = [each] * (pieces - 1) + [n - each * (pieces - 1)]
            if not all(3 <= length <= 257 for length in split):
                continue
            bits = "".join(copy(length) for length in split)
            empty, rest = divmod(8 * size - 10 - len(bits), 10)
            if rest == 0 and empty >= 0:
                blocks = [bits] + [""] * empty
                stream = "".join(("1" if last and i == empty else "0") + "10" + block + "0000000"
                                 for i, block in enumerate(blocks))
                data = int(stream[::-1], 2).to_bytes(size, "little")
                return data
    return None


def quine(head, tail):
    """`head` and `tail` give the bytes around the deflated ones, from checksum, packed and unpacked size; none where
    their lengths do not fit."""
    p, s = len(head(0, 0, 0)), len(tail(0, 0, 0))
    first, twenty, eleven = again(p + 5), again(20), again(11, size=6)
    last = next(filter(None, (again(s + n, True, n) for n in range(5, 10))), None)
    if not (first and last and twenty and eleven):
        return None
    l5, l20, lq = (literal(b"x" * n)[:5] for n in (5, 20, s + len(last)))

    def whole(crc, packed, size):
        before, behind = head(crc, packed, size), tail(crc, packed, size)
        start = literal(before + l5)[:5]
        return before + b"".join([
            start + before + start,
            first,
            l5 + first,
            l5 + l5,
            l20 + first + l5 + l5 + l20,
            twenty,
            l20 + twenty + l20 + twenty + l20,
            twenty,
            l20 + b"\0" * 9 + eleven + lq,
            eleven,
            lq + last + behind,
            last,
        ]) + behind
    size = len(whole(0, 0, 0))
    sizes = (size - p - s, size)
    # The checksum of the file is a linear function of the one that stands in it: 32 equations for 32 bits.
    base = zlib.crc32(whole(0, *sizes))
    rows = []
    columns = [zlib.crc32(whole(1 << i, *sizes)) ^ base ^ (1 << i) for i in range(32)]
    for bit in range(32):
        rows.append(sum((columns[i] >> bit & 1) << i for i in range(32)) | (base >> bit & 1) << 32)
    for i in range(32):
        pivot = next((r for r in range(i, 32) if rows[r] >> i & 1), None)
        if pivot is None:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows = [row ^ rows[i] if r != i and row >> i & 1 else row for r, row in enumerate(rows)]
    crc = sum((rows[i] >> 32) << i for i in range(32))
    data = whole(crc, *sizes)
    return data if zlib.crc32(data) == crc else None


def quine_of_some_name(of_name):
    """The first length and stamp of a name that the equations have an answer for."""
    for extra in range(60):
        for stamp in range(32):
            data = quine(*of_name("q" * extra + "uine.zip", stamp))
            if data:
                return data
    raise ValueError("no quine")


def zip_of_itself():
    def of_name(name, stamp):
        raw = name.encode()

        def head(crc, packed, size):
            return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, stamp, 0x21, crc, packed, size, len(raw), 0) + raw

        def tail(crc, packed, size):
            entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, stamp, 0x21, crc, packed, size, len(raw),
                                0, 0, 0, 0, 0, 0) + raw
            return entry + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(entry), 30 + len(raw) + packed, 0)
        return head, tail
    data = quine_of_some_name(of_name)
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert z.read(z.namelist()[0]) == data, "it does not unpack to itself"
    return data


def gzip_of_itself():
    def of_name(name, stamp):
        raw = name.replace(".zip", ".mbox").encode() + b"\0"
        return (lambda crc, packed, size: struct.pack("<HBBIBB", 0x8B1F, 8, 8, stamp, 0, 3) + raw,
                lambda crc, packed, size: struct.pack("<II", crc, size))
    data = quine_of_some_name(of_name)
    assert gzip.decompress(data) == data, "it does not unpack to itself"
    return data


@bomb(1)
@packed("bomb.zip")
def zip_quine(n):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("quine.zip", zip_of_itself())
        z.writestr("good.mbox", answered([], "When?\n"))
    return out.getvalue()


@bomb(1)
@packed("bomb.zip")
def gzip_quine(n):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("quine.mbox.gz", gzip_of_itself())
        z.writestr("good.mbox", answered([], "When?\n"))
    return out.getvalue()


@bomb(300)
@packed("bomb.zip")
def mixed_nesting(n):
    """A zip in a tar in a gzip in a zip, and so on."""
    data, name = answered([], "When?\n"), "in.mbox"
    for i in range(n):
        out = io.BytesIO()
        if i % 3 == 0:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
                z.writestr(name, data)
            name = f"{i}.zip"
        elif i % 3 == 1:
            with tarfile.open(fileobj=out, mode="w") as t:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
            name = f"{i}.tar"
        else:
            out.write(gzip.compress(data, 1))
            name += ".gz"
        data = out.getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(name, data)
        z.writestr("good.mbox", answered([], "When?\n"))
    return out.getvalue()


@bomb(200)
@packed("bomb.tar")
def tar_nesting(n):
    data, name = answered([], "When?\n"), "in.mbox"
    for i in range(n):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as t:
            good = answered([], "When?\n")
            for title, text in ((f"{i}-good.mbox", good), (name, data)):
                info = tarfile.TarInfo(title)
                info.size = len(text)
                t.addfile(info, io.BytesIO(text))
        data, name = out.getvalue(), f"{i}.tar"
    return data


@bomb(1)
@packed("bomb.mbox")
def message_of_a_gigabyte(n):
    return plain("x" * 99 + "\n") + message(3, [], (b"when " * 19 + b"\n") * (11 * 1024 * 1024))
