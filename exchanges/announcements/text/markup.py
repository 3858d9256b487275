"""Makes foreign HTML harmless for `html.parser`, whose time is quadratic in some of its faults.

From every possible start of a tag, a comment or a marked section the parser looks for the end. Where the end is
missing, it searches all the rest each time: a megabyte of "<a" took 24 s. Therefore starts without an end become text
before the parser reads them. Everything else is unchanged.
"""

from __future__ import annotations

import html
import re

from bs4 import BeautifulSoup
from bs4.dammit import UnicodeDammit

MAX_PAGE = 3_000_000
QUOTES = "\"'"
# `<![if …]>`, `<![endif]>`, `<![CDATA[` are no HTML and are removed. The content of a CDATA section is text.
_MARKED_SECTION = re.compile(r"<!\[[^>\[\]]{0,200}(?:\]\s{0,20}>|\[)")


# Between the name of a tag and its end, as html.parser and browsers read it: a `>` in quotes does not end the tag.
_REST = r"""(?:[^>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')|["'=])*+"""
_TOKEN = re.compile(
    rf"""<!--.*?-->
      | <(?P<raw>script|style)(?P<raw_rest>(?:[\s/]{_REST})?+)>(?P<code>.*?</(?P=raw)\s*+>|.*)
      | <(?P<name>/?[a-z][^\s/>]*+)(?P<rest>{_REST})>
      | <(?=/?[a-z])(?P<endless>).*
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_WELL_FORMED = re.compile(
    r"""(?:[\s/]++[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=`][^\s<>]*+))?+)*+[\s/]*+"""
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'<>=`][^\s<>]*+))?+""")


def bounded_markup(text: str) -> str:
    """`text` with `&lt;` for every start of a tag, comment or marked section that has no end.

    A faulty tag is written again with its readable attributes: where the parser finds no end in one attribute, it would
    search again from each of the following ones.
    """
    text = _MARKED_SECTION.sub(" ", text).replace("<![", "&lt;![")
    text = _ended(text, "<!--", "-->")
    text = _ended(text, "<?", ">")
    text = _ended(text, "<", ">")
    pieces, at = [], 0
    for token in _TOKEN.finditer(text):
        pieces.append(text[at : token.start()])
        at = token.start()
        if token["endless"] is not None:
            # No `>` outside of quotes follows.
            break
        at = token.end()
        if token["raw"] is not None:
            pieces.append(f"<{token['raw']}{_tidied(token['raw_rest'])}>{token['code']}")
        elif token["name"] is not None:
            pieces.append(f"<{token['name']}{_tidied(token['rest'])}>")
        else:
            pieces.append(token[0])
    else:
        return "".join([*pieces, text[at:]])
    return "".join([*pieces, text[at:].replace("<", "&lt;")])


def _tidied(rest: str) -> str:
    if not rest or _WELL_FORMED.fullmatch(rest):
        return rest
    return "".join(
        f' {name}="{html.escape(html.unescape(value.strip(QUOTES)))}"' if value else f" {name}"
        for name, value in _ATTRIBUTE.findall(rest)
    )


def _ended(text: str, start: str, end: str) -> str:
    """`text` with `&lt;` for every `start` after the last `end`."""
    last = text.rfind(end) + len(end) if end in text else 0
    return text[:last] + text[last:].replace(start, "&lt;" + start[1:])


def parsed_page(body: bytes) -> BeautifulSoup:
    """A page as a tree, in time linear in its size. Bytes that are no text in any known encoding are replaced.

    The page is cut at `MAX_PAGE` bytes: the largest page seen has 600 kB.
    """
    text = UnicodeDammit(body[:MAX_PAGE], ["utf-8"]).unicode_markup or body[:MAX_PAGE].decode("utf-8", "replace")
    return BeautifulSoup(bounded_markup(text), "html.parser")
