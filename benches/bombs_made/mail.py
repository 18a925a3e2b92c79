"""Bombs that are mail: one message of a kind, or many messages."""

import base64

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
