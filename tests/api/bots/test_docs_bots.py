"""Every block of docs/bots has a name and a test that runs it: a block nobody runs is a block nobody knows to work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.botcheck.adapters import hummingbot
from tests.support.doc_blocks import PAGES, block, pages, parse

TESTS = Path(__file__).parents[2]
CLIENT_TESTS = TESTS.parent / "clients" / "python" / "tests"


def texts() -> dict[str, str]:
    """The test files that may run blocks."""
    files = [file for file in [*TESTS.rglob("*.py"), *CLIENT_TESTS.rglob("*.py")] if file != Path(__file__)]
    return {str(file): file.read_text(encoding="utf-8") for file in sorted(files)}


def test_every_block_of_the_pages_for_bots_has_a_name_and_is_run() -> None:
    blocks, wrong = pages()
    assert wrong == []
    files = {file: text for file, text in texts().items() if "block(" in text or "doc_blocks" in text}
    never = {name for name in blocks if not any(f'"{name}"' in text or f"'{name}'" in text for text in files.values())}
    assert never == set(), "no test runs these blocks"
    asked = {
        name: file
        for file, text in files.items()
        if "from tests.support.doc_blocks import" in text
        for name in re.findall(r"""\bblock\(\s*["']([^"'\s]+)["']""", text)
    }
    assert {name: asked[name] for name in asked.keys() - blocks.keys()} == {}, "these blocks are on no page"


def test_the_reader_of_blocks_misses_none() -> None:
    page = """
<!-- block: one.json -->
```json
{"a": "```"}

```
1. a step
   <!-- block: two -->
   ~~~sh
   curl
     -s
   ~~~
```
bare
```
<!-- block: one.json -->

```
far
```
<!-- block: two -->
````md
```
inner
```
`````

Run `x`:

    make it

- a step
  that goes on

    of the step

> ```
> quoted
> ```
``` not a block ```
<!-- block: three -->
```
token = "ews_YOUR_TOKEN", key = "my_YOUR_KEY", <your name>
```
<!-- block: four -->
```
never ends
"""
    blocks, wrong = parse(page, "x.md")
    three = 'token = "ews_YOUR_TOKEN", key = "my_YOUR_KEY", <your name>\n'
    one = '{"a": "```"}\n\n'
    assert blocks == {"one.json": one, "two": "curl\n  -s\n", "three": three, "four": "never ends\n"}
    assert wrong == [
        "x.md: the block that begins with 'bare' has no name",
        "x.md: the block that begins with 'far' has no name",
        "x.md: two blocks are named two",
        "x.md: 'make it' is a block without a fence, which nobody runs",
        "x.md: '> ```' is a block without a fence, which nobody runs",
        "x.md: '> ```' is a block without a fence, which nobody runs",
        "x.md: the block three has the placeholder <your name>, which nobody fills",
        "x.md: the block three has the placeholder my_YOUR_KEY, which nobody fills",
        "x.md: the block that begins with 'never ends' has no end",
    ]


def test_a_placeholder_is_replaced_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "http://127.0.0.1:8000/x?venue=BINANCE&key=ews_YOUR_TOKEN BINANCE_USDM\n"
    monkeypatch.setattr("tests.support.doc_blocks.pages", lambda: ({"a": text, "b": "nothing\n"}, []))
    assert block("a") == text
    changed = block("a", url="http://127.0.0.1:1", token="ews_\\1", venue="OKX")
    assert changed == "http://127.0.0.1:1/x?venue=OKX&key=ews_\\1 BINANCE_USDM\n"
    with pytest.raises(ValueError, match="the block 'b' has no BINANCE, expected it where 'OKX' is to stand"):
        block("b", venue="OKX")
    with pytest.raises(LookupError, match="no page of docs/bots has a block 'c', expected one of a, b"):
        block("c")


def test_the_page_of_hummingbot_has_the_words_of_botcheck() -> None:
    """In a table of its own form: what a fault is over MQTT stands in another."""
    page = (PAGES / "hummingbot.md").read_text(encoding="utf-8")
    for fault, (at_start, running) in hummingbot.WORDS.items():
        assert f"| {fault} | {at_start} | {running} |" in page, fault
