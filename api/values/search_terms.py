"""A full-text search as a tree of words, the same for all four dialects."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from api.errors import ApiError, codes


@dataclass(frozen=True, slots=True)
class Words:
    """Words in this order. With `prefix`, the one word is the beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """The operand must not match."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    """All operands must match."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one operand must match."""

    operands: tuple[Node, ...]


Node = Words | Not | And | Or

_ASCII_WORD = re.compile(r"[0-9A-Za-z_]+")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a string as InnoDB's parser finds them: letters, digits, `_` and marks; everything else separates.

    >>> words_of("don't @ Zoë_1!")
    ('don', 't', 'Zoë_1')
    """
    if not text.isascii():
        text = "".join([each if each == "_" or unicodedata.category(each)[0] in "LMN" else " " for each in text])
        return tuple(text.split())
    return tuple(_ASCII_WORD.findall(text))


def inexpressible(what: str) -> ApiError:
    """0A000: boolean mode does not support it, and would find other rows."""
    return ApiError(codes.NOT_SUPPORTED, f"MySQL full-text search does not support {what}")
