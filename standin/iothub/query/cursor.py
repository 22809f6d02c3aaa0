"""A place in the words of a query, and how to go on from it."""

from __future__ import annotations

from standin.iothub.query.tokens import Kind, QuerySyntaxError, Token


class Cursor:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._index = 0
        self._nesting = 0

    @property
    def _next(self) -> Token:
        return self._words[self._index]

    def _is(self, *kinds: Kind) -> bool:
        return self._next.kind in kinds

    def _advance(self) -> Token:
        token = self._next
        self._index += 1
        return token

    def _fail(self, expected: str) -> QuerySyntaxError:
        return QuerySyntaxError(f"Expected {expected}, found {self._next}", self._next.position)

    def _keyword(self, word: str) -> bool:
        if self._next.keyword() != word:
            return False
        self._index += 1
        return True

    def _symbol(self, *texts: str) -> str | None:
        if not self._is(Kind.SYMBOL) or self._next.text not in texts:
            return None
        return self._advance().text

    def _need_keyword(self, word: str) -> None:
        if not self._keyword(word):
            raise self._fail(word)

    def _need_symbol(self, text: str) -> None:
        if self._symbol(text) is None:
            raise self._fail(repr(text))

    def end(self) -> None:
        if not self._is(Kind.END):
            raise self._fail("an operator or the end")
