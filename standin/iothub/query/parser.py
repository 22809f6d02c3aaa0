"""IoT Hub's query language: text to tree.

    query      = SELECT [TOP n] ('*' | column {',' column}) FROM ('devices' | 'devices.modules' | 'devices.jobs')
                 [WHERE expression] [GROUP BY path {',' path}]
    column     = (path | COUNT '(' ')' | (AVG | SUM | MIN | MAX) '(' path ')') [AS name]

What no page documents (DISTINCT, ORDER BY, an alias without AS) is refused, as is a name that is no column.
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language
"""

from __future__ import annotations

from standin.iothub.query.columns import resolved
from standin.iothub.query.expressions import Expressions
from standin.iothub.query.syntax import Aggregate, Column, Expression, Path, Select
from standin.iothub.query.tokens import Kind, QuerySyntaxError, tokens

QUERY_LIMIT = 8192
_SOURCES = ("devices", "devices.modules", "devices.jobs")
_AGGREGATES = ("COUNT", "AVG", "SUM", "MIN", "MAX")


def parse_query(text: str) -> Select:
    if len(text) > QUERY_LIMIT:
        raise QuerySyntaxError(f"A query has at most {QUERY_LIMIT} characters, this one has {len(text)}", QUERY_LIMIT)
    query = resolved(_Query(tokens(text)).query())
    _check_grouping(query)
    return query


def _check_grouping(query: Select) -> None:
    if query.group_by and not query.columns:
        raise QuerySyntaxError("SELECT * cannot be grouped", 0)
    if not query.group_by and not any(isinstance(column.value, Aggregate) for column in query.columns):
        return
    allowed = {path.names for path in query.group_by}
    for column in query.columns:
        if isinstance(column.value, Path) and column.value.names not in allowed:
            message = f"{column.value.text!r} is neither an aggregate nor in GROUP BY"
            raise QuerySyntaxError(message, column.value.position)


def parse_expression(text: str, *, double_quotes: bool = False) -> Expression:
    parser = Expressions(tokens(text, double_quotes=double_quotes))
    expression = parser.expression()
    parser.end()
    return expression


class _Query(Expressions):
    def query(self) -> Select:
        self._need_keyword("SELECT")
        top = self._top()
        columns = self._columns()
        self._need_keyword("FROM")
        source = self._source()
        where = self.expression() if self._keyword("WHERE") else None
        group_by = self._group_by()
        self.end()
        return Select(columns=columns, source=source, where=where, group_by=group_by, top=top)

    def _top(self) -> int | None:
        if not self._keyword("TOP"):
            return None
        if not self._is(Kind.NUMBER) or not isinstance(self._next.value, int):
            raise self._fail("a whole number after TOP")
        return int(self._advance().value)

    def _columns(self) -> tuple[Column, ...]:
        if self._symbol("*"):
            return ()
        columns = [self._column(1)]
        while self._symbol(","):
            columns.append(self._column(len(columns) + 1))
        return tuple(columns)

    def _column(self, number: int) -> Column:
        value: Path | Aggregate
        if self._next.keyword() in _AGGREGATES and self._words[self._index + 1].text == "(":
            value, name = self._aggregate(), f"${number}"
        else:
            value = self._path()
            name = value.names[-1]
        return Column(value, self._name() if self._keyword("AS") else name)

    def _aggregate(self) -> Aggregate:
        function = self._advance().keyword()
        self._need_symbol("(")
        path = None if function == "COUNT" else self._path()
        self._need_symbol(")")
        return Aggregate(function, path)

    def _source(self) -> str:
        position = self._next.position
        source = self._path().text.lower()
        if source not in _SOURCES:
            raise QuerySyntaxError(f"Unknown collection {source!r}, allowed are {' and '.join(_SOURCES)}", position)
        return source

    def _group_by(self) -> tuple[Path, ...]:
        if not self._keyword("GROUP"):
            return ()
        self._need_keyword("BY")
        paths = [self._path()]
        while self._symbol(","):
            paths.append(self._path())
        return tuple(paths)
