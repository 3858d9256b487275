# ruff: noqa: E501 (a pattern is easier to read and to search for on one line)
"""Tables as rows of cells, each with the heading of its column.

A table that stands on its side (headings in the first column) is turned, so that one subject is one row. A cell that
spans several rows counts in each of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_COLUMNS = 40
MAX_HEADING = 80
# A longer cell is not repeated in the rows that it spans.
MAX_REPEATED = 200

# What the columns of notices are called, in the seven languages.
_LABEL = re.compile(
    r"""\b(?:pairs?|times?|dates?|tokens?|coins?|cryptos?|assets?|currenc\w+|symbols?|contracts?|networks?|chains?|markets?|names?|from|to|until|since|starts?|ends?|begins?|old|new
      | before|after|tickers?|status|projects?|products?|event|actions?|services?|stops?|closes?|halts?|reopens?|resumes?|deadline|schedule|details?|items?|trading|deposits?|withdrawals?|ratio|type|reason|window|duration
      | change|previous|current|original|impact|what|when|no|utc)\b | \#
      | 交易对|交易對|时间|時間|日期|币种|幣種|代币|代幣|合约|合約|网络|網路|名称|名稱|项目|項目|状态|狀態|开始|開始|结束|結束
      | 종목|시간|일시|일자|코인|자산|토큰|네트워크|마켓|시작|종료|내용|구분 | 通貨|銘柄|日時|ペア|時刻|トークン|ネットワーク|開始|終了
      | \b(?:çift\w*|işlem|tarih\w*|saat\w*|zaman\w*|varlık\w*|başlangıç|bitiş|ağ|пар[аы]\w*|врем\w+|дат[аы]|монет\w+|токен\w*|актив\w*|сет[ьи]|контракт\w*|начал\w+|конец|окончани\w+
      | cặp|thời|ngày|giờ|đồng|tài|mạng|hợp|bắt|kết|trạng)\b""",
    re.I | re.X,
)
_VALUE = re.compile(
    r"\d{2}[:./-]\d|\d{4}|[A-Z0-9]{2}/[A-Z]{2}|\((?!(?:UTC|GMT|KST|JST|MSK|TSI|HKT|SGT|CET|CEST|IST|EST|EDT|ET|PT|PST|WIB|ICT|BJT)\b)[A-Z0-9]{2,12}\)|\d{1,2}\s?[年月월日]"
)


@dataclass(frozen=True)
class Cell:
    """One cell as the markup has it. across, down: the columns and rows that it spans."""

    text: str
    header: bool = False
    across: int = 1
    down: int = 1


@dataclass(frozen=True)
class Row:
    """The cells of a row, and the heading of each ("" where its column has none)."""

    cells: tuple[str, ...]
    headings: tuple[str, ...] = ()


def rows_of(table: Sequence[Sequence[Cell]]) -> list[Row]:
    """The rows of a table without empty cells. A row of headings becomes the headings of the rows below it."""
    grid = _spread(table)
    if _lies_on_its_side(table, grid):
        return _turned(grid)
    result: list[Row] = []
    headings: tuple[str, ...] = ()
    for number, cells in enumerate(grid):
        texts = [cell.text for cell in cells]
        if _are_headings(cells, grid, number, first=not result):
            headings = tuple(text[:MAX_HEADING] for text in texts)
            continue
        filled_at = [at for at, text in enumerate(texts) if text]
        if filled_at:
            names = tuple(headings[at] if at < len(headings) else "" for at in filled_at) if any(headings) else ()
            result.append(Row(tuple(texts[at] for at in filled_at), names))
    return result if result or not any(headings) else [Row(tuple(text for text in headings if text))]


def _spread(table: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The table with a cell at every place that it spans."""
    grid: list[list[Cell]] = []
    carried: dict[int, tuple[int, Cell]] = {}
    for row in table:
        cells: list[Cell] = []
        waiting = list(row)
        while len(cells) < MAX_COLUMNS and (waiting or len(cells) in carried):
            at = len(cells)
            if at in carried:
                left, cell = carried.pop(at)
                cells.append(cell)
                if left > 1:
                    carried[at] = (left - 1, cell)
                continue
            cell = waiting.pop(0)
            for step in range(min(max(cell.across, 1), MAX_COLUMNS)):
                # A value that spans columns is said once, a heading holds for each of them.
                shown = cell if step == 0 or cell.header else Cell("", cell.header)
                cells.append(shown)
                if cell.down > 1 and len(cell.text) <= MAX_REPEATED:
                    carried[at + step] = (cell.down - 1, shown)
        cells.extend(waiting[: 0 if len(cells) >= MAX_COLUMNS else None])
        grid.append(cells)
    return grid


def is_label(text: str) -> bool:
    """Whether a text is the heading of a column, not a value."""
    return 0 < len(text) <= MAX_HEADING and not _VALUE.search(text) and _LABEL.search(text) is not None


def _are_headings(cells: Sequence[Cell], grid: Sequence[Sequence[Cell]], number: int, first: bool) -> bool:
    """Whether the row of this number names the columns of the rows below it."""
    filled = [cell.text for cell in cells if cell.text]
    marked = all(cell.header for cell in cells)
    if not filled or not (marked or first) or number + 1 == len(grid):
        return False
    if any(len(text) > MAX_HEADING or _VALUE.search(text) for text in filled):
        return False
    if marked:
        return len(filled) > 1 or len(cells) == 1
    return len(filled) > 1 and 2 * sum(map(is_label, filled)) > len(filled) and len(grid[number + 1]) > 1


def _lies_on_its_side(table: Sequence[Sequence[Cell]], grid: Sequence[Sequence[Cell]]) -> bool:
    if len(grid) < 2 or any(len(row) < 2 for row in grid):
        return False
    if all(row[0].header and not any(cell.header for cell in row[1:]) for row in grid):
        return all(is_label(row[0].text) for row in grid)
    labels = [row[0].text for row in grid]
    return (
        all(len(row) == 2 and not row[0].header for row in grid)
        and len(set(labels)) == len(labels)
        and all(map(is_label, labels))
        and not is_label(grid[0][1].text)
    )


def _turned(grid: Sequence[Sequence[Cell]]) -> list[Row]:
    headings = [row[0].text for row in grid]
    result = []
    for column in range(1, max(len(row) for row in grid)):
        texts = [row[column].text if column < len(row) else "" for row in grid]
        filled_at = [at for at, text in enumerate(texts) if text]
        if filled_at:
            result.append(Row(tuple(texts[at] for at in filled_at), tuple(headings[at] for at in filled_at)))
    return result
