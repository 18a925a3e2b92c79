#!/usr/bin/env python3
"""Mail made to hurt: what `export` and `inspect` make of it, in time and memory.

    benches/bombs.py BINARY [--only WORD] [--scale F] [--json FILE] [--keep DIR]

Every bomb is made twice, at half and at full size, put into a mailbox where the shop answers it (so that its
body is read), and exported with redaction on. For each the table says how large it is, the CPU seconds, the
peak memory, how many times longer the whole took than the half, and what became of it.

The bounds, which the exit status goes by:
  time    at most 3 s + 0.5 s a MB of mail (unpacked), and at most 3.2 times that of half the size
          (linear is 2; the measurement is of whole processes and starts counting at half a second)
  memory  at most 150 MB + 90 times the text of the largest message that is not too large (8 MiB) + 1,000 bytes a
          message and 4,000 a member of an archive, beyond the mapped file
  end     exit status 0 or 1, a ledger line for each message
"""

import argparse, base64, functools, gzip, io, json, os, re, resource, shutil, struct, subprocess, sys, tarfile, tempfile, time, zipfile, zlib

MB = 1 << 20
BOMBS = {}


def bomb(size):
    """Registers a function of n; `size` is the n of the full bomb."""
    def add(make):
        BOMBS[make.__name__] = (make, size)
        return make
    return add


def message(n, headers, body, sender="Ada Reed <ada@example.com>", to="shop@example.org", subject="Kettle"):
    head = [
        f"From x@example.com Mon Mar  4 10:{n // 60 % 60:02}:{n % 60:02} 2024",
        f"Message-ID: <{n}@example.com>",
        f"Date: Mon, 4 Mar 2024 {10 + n // 3600 % 12:02}:{n // 60 % 60:02}:{n % 60:02} +0000",
    ]
    names = {h.split(":", 1)[0].lower() for h in headers}
    for name, value in (("From", sender), ("To", to), ("Subject", subject)):
        if name.lower() not in names:
            head.append(f"{name}: {value}")
    text = "\n".join(head + headers) + "\n\n"
    return text.encode("utf-8", "surrogateescape") + (body if isinstance(body, bytes) else body.encode()) + b"\n\n"


def answered(headers, body):
    """A customer's message and the shop's answer to it."""
    return message(1, headers, body) + message(
        2, ["In-Reply-To: <1@example.com>"], "It comes on Monday, by the morning post.\n",
        "Shop <shop@example.org>", "ada@example.com", "Re: Kettle")


def html(markup):
    return answered(["MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"], markup)


def plain(text):
    return answered([], text)


# ---- structure -------------------------------------------------------------------------------------------

@bomb(40_000)
def multipart_nesting(n):
    body = "".join(f"--b{i}\nContent-Type: multipart/mixed; boundary=b{i + 1}\n\n" for i in range(n))
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b0"], body + "When does it come?\n")


@bomb(40_000)
def multipart_nesting_closed(n):
    opened = "".join(f"--b{i}\nContent-Type: multipart/alternative; boundary=b{i + 1}\n\n" for i in range(n))
    closed = "".join(f"--b{i}--\n" for i in reversed(range(n)))
    body = opened + f"--b{n}\n\nWhen does it come?\n--b{n}--\n" + closed
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=b0"], body)


@bomb(40_000)
def attached_messages_nesting(n):
    body = "Content-Type: message/rfc822\n\n" * n + "Subject: x\n\nWhen does it come?\n"
    return answered(["MIME-Version: 1.0", "Content-Type: message/rfc822"], body)


@bomb(400_000)
def parts(n):
    body = "--b\n\nWhen?\n" * n + "--b--\n"
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"], body)


@bomb(200_000)
def html_parts(n):
    body = "--b\nContent-Type: text/html\n\n<p>When?\n" * n + "--b--\n"
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"], body)


@bomb(200_000)
def alternatives(n):
    body = "--b\n\nWhen?\n" * n + "--b--\n"
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/alternative; boundary=b"], body)


@bomb(100_000)
def attachments(n):
    body = '--b\nContent-Disposition: attachment; filename="x.bin"\nContent-Type: application/octet-stream\n\nAAAA\n' * n
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"], body + "--b--\n")


@bomb(4_000)
def open_boundaries_and_lines(n):
    """Many open boundaries, and many lines that could be each of them."""
    body = "".join(f"--b{i}\nContent-Type: multipart/mixed; boundary=b{i + 1}\n\n" for i in range(n))
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b0"], body + "--b\n--bx\n" * (n * 40))


@bomb(2_000_000)
def almost_boundaries(n):
    edge = "x" * 70
    return answered(["MIME-Version: 1.0", f"Content-Type: multipart/mixed; boundary={edge}y"], f"--{edge}\n" * (n // 40))


@bomb(2_000_000)
def content_type_parameters(n):
    value = ";\n ".join(f"n*{i}=x" for i in range(n // 20))
    return answered(["MIME-Version: 1.0", f"Content-Type: text/plain;\n {value}"], "When does it come?\n")


# ---- headers ---------------------------------------------------------------------------------------------

@bomb(400_000)
def references(n):
    refs = "\n ".join(f"<{i}@example.net>" for i in range(n))
    return answered([f"References: {refs}"], "When does it come?\n")


@bomb(200)
def references_in_each(n):
    """A long chain in which every message names all before it."""
    mail = []
    for i in range(n * 10):
        refs = " ".join(f"<{j}@example.com>" for j in range(i))
        who = ("Shop <shop@example.org>", "ada@example.com") if i % 2 else ("Ada <ada@example.com>", "shop@example.org")
        mail.append(message(i, [f"References: {refs}"] if i else [], f"Word {i}.\n", *who, "Re: Kettle"))
    return b"".join(mail)


@bomb(400_000)
def recipients(n):
    to = ",\n ".join(f'"Person {i}" <p{i}@example.net>' for i in range(n))
    return answered([f"To: shop@example.org, {to}"], "When does it come?\n")


@bomb(400_000)
def header_fields(n):
    return answered([f"X-{i}: y" for i in range(n)], "When does it come?\n")


@bomb(2_000_000)
def folded_header(n):
    return answered(["Subject: Kettle" + "\n x" * n], "When does it come?\n")


@bomb(2_000_000)
def blank_folds(n):
    return answered(["Subject: Kettle" + "\n " * n + "x"], "When does it come?\n")


@bomb(300_000)
def encoded_words(n):
    return answered(["Subject: " + " ".join(["=?utf-8?q?K=C3=A4ttle?="] * n)], "When does it come?\n")


@bomb(1_000_000)
def encoded_words_unclosed(n):
    return answered(["Subject: " + "=?utf-8?q?" * n], "When does it come?\n")


@bomb(1_000_000)
def comments_in_addresses(n):
    return answered(["From: " + "(" * n + "ada@example.com", "Reply-To: " + "<" * n + ",;" * n], "When does it come?\n")


@bomb(1_000_000)
def quotes_in_addresses(n):
    return answered(['To: shop@example.org, ' + '"\\' * n, "Cc: " + "a@" * n], "When does it come?\n")


@bomb(400_000)
def received(n):
    return answered(["Received: from a by b; Mon, 4 Mar 2024 10:00:00 +0000 (x (y))"] * n, "When does it come?\n")


@bomb(4_000_000)
def subject_prefixes(n):
    return answered(["Subject: " + "Re: " * (n // 4) + "Kettle"], "When does it come?\n")


@bomb(4_000_000)
def subject_brackets(n):
    return answered(["Subject: " + "[" * (n // 2) + "(fwd)" * (n // 10)], "When does it come?\n")


@bomb(20_000)
def no_end_of_header(n):
    return b"".join(message(i, ["X: y"] * 20, "")[:-3] for i in range(n))


# ---- bodies ----------------------------------------------------------------------------------------------

@bomb(100 * MB)
def one_line(n):
    return plain("when " * (n // 5) + "\n")


@bomb(7 * MB)
def one_line_within_bounds(n):
    return one_line(n)


@bomb(7 * MB)
def one_word(n):
    return plain("w" * n + "\n")


@bomb(7 * MB)
def one_line_html(n):
    return html("<p>" + "when " * (n // 5))


@bomb(7 * MB)
def one_line_base64(n):
    body = base64.b64encode(b"When does it come? " * (n // 26))
    return answered(["MIME-Version: 1.0", "Content-Transfer-Encoding: base64"], body)


@bomb(7 * MB)
def one_line_quoted_printable(n):
    return answered(["MIME-Version: 1.0", "Content-Transfer-Encoding: quoted-printable"], "=41" * (n // 3) + "\n")


@bomb(7 * MB)
def soft_breaks(n):
    return answered(["MIME-Version: 1.0", "Content-Transfer-Encoding: quoted-printable"], "a=\n" * (n // 3))


@bomb(7 * MB)
def flowed(n):
    return answered(["MIME-Version: 1.0", "Content-Type: text/plain; format=flowed; delsp=yes"], "> a \n" * (n // 5))


@bomb(7 * MB)
def blank_lines(n):
    return plain("Hello\n" + "\n" * n + "Bye\n")


@bomb(7 * MB)
def quoted_lines(n):
    return plain("When?\n" + "> and so on\n" * (n // 12))


@bomb(4 * MB)
def quote_marks_on_a_line(n):
    return plain("When?\n" + ">" * n + " x\n")


@bomb(2_500)
def quote_levels(n):
    return plain("When?\n" + "".join("> " * i + f"On Mon, 4 Mar 2024, Ada <ada@example.com> wrote:\n" for i in range(n)))


@bomb(7 * MB)
def attributions(n):
    return plain("On Mon, 4 Mar 2024 at 10:00, Ada Reed wrote:\n" * (n // 46))


@bomb(7 * MB)
def attributions_unfinished(n):
    return plain("On Mon, 4 Mar 2024 at 10:00, Ada Reed\n" * (n // 38))


@bomb(7 * MB)
def header_blocks(n):
    return plain("From: Ada\nSent: Monday\nTo: Shop\nSubject: x\n\n" * (n // 45))


@bomb(7 * MB)
def signatures(n):
    return plain("Ada\n-- \n" * (n // 8))


@bomb(7 * MB)
def sign_offs(n):
    return plain("Best regards,\nAda\n" * (n // 18))


@bomb(7 * MB)
def forwards(n):
    return plain("---------- Forwarded message ---------\n" * (n // 39))


@bomb(7 * MB)
def from_lines(n):
    return plain("Hello\n" + "From now on\n\n" * (n // 13))


@bomb(7 * MB)
def separators_in_an_open_multipart(n):
    body = "--b\n\n" + "From x@example.com Mon Mar  4 10:00:00 2024\nFrom: a@example.com\n\nx\n\n" * (n // 68)
    return answered(["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"], body)


@bomb(7 * MB)
def digits(n):
    return plain("4" * n + "\n")


@bomb(7 * MB)
def digit_groups(n):
    return plain("4111 1111 " * (n // 10) + "\n")


@bomb(7 * MB)
def at_signs(n):
    return plain("a@" * (n // 4) + "\n" + "@a.b" * (n // 8) + "\n")


@bomb(7 * MB)
def dots(n):
    return plain("a." * (n // 4) + "\n" + "-." * (n // 4) + "\n")


@bomb(7 * MB)
def addresses(n):
    return plain("".join(f"p{i}@example.net\n" for i in range(n // 20)))


@bomb(6 * MB)
def phone_numbers(n):
    return plain("".join(f"call +1 202 555 01{i % 100:02} or {i}\n" for i in range(n // 30)))


@bomb(7 * MB)
def capitals(n):
    return plain("Ada Reed " * (n // 9) + "\n")


@bomb(7 * MB)
def placeholders(n):
    return plain("[EMAIL_1] [CUSTOMER_NAME_" * (n // 25) + "\n")


@bomb(7 * MB)
def placeholders_of_many_numbers(n):
    return plain("".join(f"[EMAIL_{i}] p{i}@example.net " for i in range(n // 30)) + "\n")


@bomb(7 * MB)
def links(n):
    return plain("http://a.example/?token=" * (n // 48) + "\n" + "[http://" * (n // 32) + "\n")


@bomb(7 * MB)
def names_in_greetings(n):
    return plain("Dear Ada,\n" * (n // 10))


@bomb(100_000)
def a_name_of_many_words(n):
    return answered(["From: " + "Ada " * n + "<ada@example.com>"], "Dear Shop,\nwhen does it come? Ada\n" * 100)


# ---- charsets --------------------------------------------------------------------------------------------

def in_charset(name, body):
    return answered(["MIME-Version: 1.0", f"Content-Type: text/plain; charset={name}", "Content-Transfer-Encoding: 8bit"], body)


@bomb(7 * MB)
def utf7(n):
    return in_charset("utf-7", b"+AGEAYg-" * (n // 16) + b"+" * (n // 4))


@bomb(7 * MB)
def iso2022(n):
    return in_charset("iso-2022-jp", b"\x1b$B\x1b(B" * (n // 6))


@bomb(7 * MB)
def utf16_odd(n):
    return in_charset("utf-16", b"\xff\xfe" + b"\xd8\x00" * (n // 2) + b"x")


@bomb(7 * MB)
def not_utf8(n):
    return in_charset("utf-8", b"\xf0\x9f\x92" * (n // 3))


@bomb(7 * MB)
def controls(n):
    return plain(b"\x00\x1b\x07\x08" * (n // 4))


@bomb(7 * MB)
def combining(n):
    return plain("a" + "\u0301" * (n // 2) + "\n")


# ---- HTML ------------------------------------------------------------------------------------------------

@bomb(6 * MB)
def html_unclosed(n):
    return html("<b>" * (n // 3) + "When?")


@bomb(6 * MB)
def html_nested(n):
    return html("<div>" * (n // 11) + "When?" + "</div>" * (n // 11))


@bomb(6 * MB)
def html_quotes_nested(n):
    return html("When?" + "<blockquote>" * (n // 24) + "x" + "</blockquote>" * (n // 25))


@bomb(6 * MB)
def html_tables_nested(n):
    return html("<table><tr><td>" * (n // 15) + "When?")


@bomb(6 * MB)
def html_closing_others(n):
    """Deep inside, end tags of what was never opened."""
    return html("<div>" * (n // 10) + "</span>" * (n // 14))


@bomb(6 * MB)
def html_crossed(n):
    return html("<b><i>" * (n // 14) + "</b></i>" * (n // 16))


@bomb(6 * MB)
def html_lists_nested(n):
    return html("<ul><li>x" * (n // 9))


@bomb(6 * MB)
def html_paragraphs(n):
    return html("<p>x" * (n // 4))


@bomb(7 * MB)
def html_attribute(n):
    return html(f'<p class="{"a " * (n // 2)}">When?</p>')


@bomb(7 * MB)
def html_attributes(n):
    return html("<p " + "a=b " * (n // 4) + ">When?</p>")


@bomb(7 * MB)
def html_less_than(n):
    return html("<" * n)


@bomb(7 * MB)
def html_tags_unfinished(n):
    return html("<p a='" * (n // 6))


@bomb(7 * MB)
def html_comments_unfinished(n):
    return html("<!--" * (n // 4))


@bomb(7 * MB)
def html_styles_unfinished(n):
    return html("<style>" * (n // 14) + "<script>" * (n // 16) + "<title>")


@bomb(7 * MB)
def html_entities(n):
    return html("&amp;&#x41;&nosuchthing" * (n // 30) + "&" * (n // 8))


@bomb(6 * MB)
def html_gmail_quotes(n):
    return html('When?<div class="gmail_quote">On Mon wrote:<blockquote>' * (n // 56))


@bomb(6 * MB)
def html_signatures(n):
    return html('<div class="gmail_signature">Ada</div>When?' * (n // 42))


@bomb(6 * MB)
def html_links(n):
    return html('<a href="http://a.example/x">y</a>' * (n // 34))


# ---- many ------------------------------------------------------------------------------------------------

@bomb(100_000)
def thread_of_many(n):
    mail = []
    for i in range(n):
        who = ("Shop <shop@example.org>", "ada@example.com") if i % 2 else ("Ada <ada@example.com>", "shop@example.org")
        refs = [f"In-Reply-To: <{i - 1}@example.com>"] if i else []
        mail.append(message(i, refs, f"This is word number {i}.\n", *who, "Re: Kettle"))
    return b"".join(mail)


@bomb(100_000)
def answers_to_one(n):
    mail = [message(0, [], "When does it come?\n")]
    for i in range(1, n):
        who = ("Shop <shop@example.org>", "ada@example.com") if i % 2 else ("Ada <ada@example.com>", "shop@example.org")
        mail.append(message(i, ["In-Reply-To: <0@example.com>"], f"This is word number {i}.\n", *who, "Re: Kettle"))
    return b"".join(mail)


@bomb(100_000)
def one_subject_no_references(n):
    mail = []
    for i in range(n):
        who = ("Shop <shop@example.org>", "ada@example.com") if i % 2 else ("Ada <ada@example.com>", "shop@example.org")
        mail.append(message(i, [], f"This is word number {i}.\n", *who, "Re: Kettle"))
    return b"".join(mail)


@bomb(100_000)
def one_message_id(n):
    return b"".join(message(7, [], f"This is word number {i}.\n") for i in range(n)) + answered([], "When?\n")


@bomb(100_000)
def customers(n):
    mail = []
    for i in range(n // 2):
        mail.append(message(2 * i, [], f"When does number {i} come?\n", f"Person {i} <p{i}@example.net>", subject=f"Kettle {i}"))
        mail.append(message(2 * i + 1, [f"In-Reply-To: <{2 * i}@example.com>"], f"Number {i} comes on Monday.\n",
                            "Shop <shop@example.org>", f"p{i}@example.net", f"Re: Kettle {i}"))
    return b"".join(mail)


@bomb(1_000_000)
def tiny_messages(n):
    return b"".join(b"From a Mon Mar  4 10:00:00 2024\nFrom: a%d@b.c\n\nx\n\n" % i for i in range(n)) + answered([], "When?\n")


# ---- containers ------------------------------------------------------------------------------------------

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


# ---- measuring -------------------------------------------------------------------------------------------

def run(binary, words, folder):
    """CPU seconds, peak memory in bytes, exit status, stderr. A minute's CPU and 8 GB are the end."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
        resource.setrlimit(resource.RLIMIT_AS, (24 << 30, 24 << 30))
    with open(os.path.join(folder, "stderr"), "w+b") as err:
        child = subprocess.Popen([binary] + words, stdout=subprocess.DEVNULL, stderr=err, preexec_fn=limit)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        said = err.read().decode("utf-8", "replace")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, child.returncode, said


def fates(out):
    """Fates and reasons of the ledger, counted."""
    counts = {}
    with open(os.path.join(out, "ledger.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            what = entry.get("reason") or entry["fate"]
            counts[what] = counts.get(what, 0) + 1
    return counts


def one(binary, make, n, folder):
    name = getattr(make, "container", "bomb.mbox")
    path, out = os.path.join(folder, name), os.path.join(folder, "out")
    shutil.rmtree(out, ignore_errors=True)
    data = make(n)
    with open(path, "wb") as f:
        f.write(data)
    size, count = len(data), max(data.count(b"\nFrom: "), 1)
    largest = max(len(m) for m in re.split(rb"\n\nFrom \S+ Mon Mar ", data)) if size < 300 * MB else size
    del data
    cpu, peak, status, said = run(binary, ["export", path, "-o", out, "--agent", "shop@example.org", "--threads", "2"], folder)
    got = fates(out) if status in (0, 1) and os.path.isdir(out) else {}
    seen, _, again, _ = run(binary, ["inspect", path, "--threads", "2"], folder)
    os.remove(path)
    return {"size": size, "cpu": cpu, "peak": peak, "status": status, "said": said.strip().splitlines()[-1:], "fates": got,
            "inspect": seen, "inspect_status": again, "messages": count, "largest": largest}


def verdict(half, whole, container):
    """What is out of bounds."""
    wrong = []
    mapped = whole["size"]
    unpacked = max(whole["size"], 1000 * MB if container else 0)
    if whole["cpu"] > 3 + 0.5 * unpacked / MB:
        wrong.append("time")
    if not container and whole["cpu"] > 3.2 * max(half["cpu"], 0.5):
        wrong.append("not linear")
    members = sum(whole["fates"].values()) if container else 0
    largest = min(whole["largest"], 8 * MB)
    if whole["peak"] > 150 * MB + mapped + 90 * largest + 1000 * whole["messages"] + 4000 * members:
        wrong.append("memory")
    if whole["status"] not in (0, 1) or whole["inspect_status"] not in (0, 1):
        wrong.append("died")
    if whole["status"] == 0 and not whole["fates"]:
        wrong.append("no ledger")
    return wrong


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("binary")
    args.add_argument("--only", default="", help="bombs whose name holds this")
    args.add_argument("--scale", type=float, default=1.0, help="of their sizes")
    args.add_argument("--json", help="write the figures here")
    args.add_argument("--keep", help="work in this folder")
    a = args.parse_args()
    binary, bad, all_figures = os.path.abspath(a.binary), 0, {}
    print(f"{'bomb':34}{'MB':>8}{'cpu s':>8}{'x half':>8}{'inspect':>9}{'peak MB':>9}  became")
    with tempfile.TemporaryDirectory(dir=a.keep) as folder:
        for name, (make, n) in BOMBS.items():
            if a.only not in name:
                continue
            n = max(1, int(n * a.scale))
            container = hasattr(make, "container")
            half = one(binary, make, max(1, n // 2), folder)
            whole = one(binary, make, n, folder)
            wrong = verdict(half, whole, container)
            bad += bool(wrong)
            became = ", ".join(f"{v} {k}" for k, v in sorted(whole["fates"].items())) or " ".join(whole["said"])[:90]
            print(f"{name:34}{whole['size'] / MB:8.1f}{whole['cpu']:8.2f}{whole['cpu'] / max(half['cpu'], 0.01):8.1f}"
                  f"{whole['inspect']:9.2f}{whole['peak'] / MB:9.0f}  {became}"
                  + (f"   <-- {', '.join(wrong)} (exit {whole['status']})" if wrong else ""), flush=True)
            all_figures[name] = {"half": half, "whole": whole, "wrong": wrong}
    if a.json:
        with open(a.json, "w", encoding="utf-8") as f:
            json.dump(all_figures, f, indent=1)
    print(f"{len(all_figures)} bombs, {bad} out of bounds")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
