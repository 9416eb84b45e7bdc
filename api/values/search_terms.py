"""A full-text search as a tree of words, whatever the dialect that it was written in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from api.errors import ApiError, codes


@dataclass(frozen=True, slots=True)
class Words:
    """Words that must stand one after the other; one word may be the beginning of a word only."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be there."""

    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    operands: tuple[Node, ...]


Node = Words | Not | And | Or

_ASCII_WORD = re.compile(r"[0-9A-Za-z_]+")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as InnoDB's parser finds them: letters, digits, underscores and marks; all else divides.

    >>> words_of("don't @ Zoë_1!")
    ('don', 't', 'Zoë_1')
    """
    if not text.isascii():
        text = "".join([each if each == "_" or unicodedata.category(each)[0] in "LMN" else " " for each in text])
        return tuple(text.split())
    return tuple(_ASCII_WORD.findall(text))


def inexpressible(what: str) -> ApiError:
    """0A000: boolean mode cannot say it, and would find other rows."""
    return ApiError(codes.NOT_SUPPORTED, f"MySQL full-text search does not support {what}")
