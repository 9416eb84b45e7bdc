"""Messages, docstrings, comments, test names and documents use none of the commonest unidiomatic turns of phrase."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"build", "node_modules", Path(__file__).name}


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of phrase: its pattern, what to write instead, and sentences that have it and that do not."""

    pattern: str
    instead: str
    bad: tuple[str, ...]
    good: tuple[str, ...] = ()


TURNS = (
    Turn(
        r"(?<!there )\b(?:is|are|was|were|be) no (?!longer|more|less|fewer|better|worse|different)[`']?\w+",
        "is not a (valid) ...",
        ("the text is no date", "columns that are no keys", "'x' is no `Kind`"),
        ("there is no date", "it is no longer used", "it has no date"),
    ),
    Turn(
        r"(?<!there )(?<!auth )\b(?:is|are|was|were) (?-i:none)\b(?! of)",
        "None if ..., is missing, is invalid",
        ("None: the request is none", "a query that is none"),
        ("there is none", "aurorest:auth is none", "`auth` is `none`", "x is None"),
    ),
    Turn(r"\b(?:to be|can be|could be) had\b", "is available, can be fetched", ("it is not to be had",)),
    Turn(
        r"\b(?:speaks?|spoke|spoken) (?:only )?of\b",
        "refers to, is about",
        ("the tables that it speaks of",),
        ("it speaks TLS",),
    ),
    Turn(
        r"\b(?:is|are|was|were|being|be) told\b",
        "gets, is returned, the error says",
        ("the client is told why",),
        ("it tells the client why",),
    ),
    Turn(r"\bnothing (?:is )?(?:left )?open\b", "complete, a total order", ("an order that leaves nothing open",)),
    Turn(
        r"\bof (?:its|their|his|her|our|my|one's) own\b",
        "its own ..., a separate ...",
        ("a name of its own",),
        ("its own name",),
    ),
    Turn(r"\b(?:a|an) (?:\w+ )?\w+ of (?:yours|ours|mine)\b", "your own ...", ("a database of yours",)),
    Turn(r"\btexts\b", "strings, values, messages", ("a list of texts",)),
    Turn(
        r"\b(?:must be|must not be|may be|is not|for|in|of) a text\b(?! (?:column|file|index|value|key|type))",
        "a string",
        ("it must be a text", "digits of a text"),
        ("the length of a text column",),
    ),
    Turn(
        r"\b(?:are|is) to be (?!\w+ed with)\w+",
        "must be ..., what to ...",
        ("what is to be run", "nothing is to be kept"),
        ("it has to be run",),
    ),
    Turn(r"\bshall\b", "must, will", ("what one invocation shall do",)),
    Turn(r"\bnobody (?:foresaw|planned|knows|has seen)\b", "unexpected, unknown", ("what nobody foresaw",)),
    Turn(
        r"\bhold(?:s|ing)? (?:what|(?:it|them|itself|(?:this|the|its|an?|every) \w+|`\w+`) (?:equal )?to)\b",
        "contains, checks that",
        ("it holds what it sent", "a test holds this page to the code"),
        ("it holds the lock",),
    ),
    Turn(
        r"\bwhere (?:there|that|it) (?:is|are) (?:one|none|any|some|wanted|needed|missing|allowed)\b",
        "if there is one",
        ("the prefix, where there is one",),
        ("a folder where there is space",),
    ),
    Turn(r"\bno \w+ is ever\b", "it never ...", ("no statement is ever sent",)),
    Turn(
        r"\b(?:go|goes|went) on (?:at|by|from|with|where|as)\b",
        "continues",
        ("the next run goes on from it",),
        ("the lights go on",),
    ),
    Turn(
        r"\b(?:is|are|was|were) (?:not )?there (?:already|yet)\b|\b(?:is|are|was|were) not there\b",
        "already exists, does not exist",
        ("made where it is not there yet", "the table is there already", "a routine that is not there"),
        ("is there a table",),
    ),
    Turn(r"\banew\b", "again", ("the list is read anew",), ("a new list",)),
    Turn(r"\bthe way of (?:a|the) \w+\b", "the path of ...", ("the way of a request",)),
    Turn(
        r"\bstands? (?:above|below|behind|beside|there)\b",
        "is above, comes after",
        ("what it said stands above",),
        ("it stands for a table",),
    ),
    Turn(r"\bin turns\b", "alternately, in turn", ("statements and rows in turns",), ("they take turns",)),
    Turn(r"\bbrought to\b", "changes to", ("users are brought to this state",)),
    Turn(r"\bnothing but\b", "only", ("nothing but the standard library",)),
    Turn(
        r"\bnothing of (?:that|them|this|the|`)",
        "no part of, none of",
        ("nothing of that happens", "nothing of the answer"),
    ),
    Turn(r"\b(?:say|says|said|know|knows|known) of\b", "about", ("what it says of a table",), ("it says how",)),
    Turn(r"\bwhoever\b", "anyone who, the author", ("whoever wrote the routine",)),
    Turn(r"\bfor ever\b", "forever, always", ("it is empty for ever",)),
    Turn(r"\bthe (?:most|least) that\b", "the maximum", ("the most that an answer may have",)),
    Turn(
        r"\bwhere (?:it|they|this|that) (?:does|do)(?: not|n't)\b|\balso where (?:it|they|the)\b",
        "if it does not, even if",
        ("None where it does not", "also where the account is older"),
        ("where it does more harm",),
    ),
)
RULES = tuple((re.compile(turn.pattern, re.IGNORECASE), turn) for turn in TURNS)


def found(text: str) -> Iterator[str]:
    """Each turn in a text, with what to write instead. Code in backticks is left out."""
    prose = " ".join(re.sub(r"`[^`]*`", "`code`", text).split())
    for pattern, turn in RULES:
        for match in pattern.finditer(prose):
            yield f"{match[0]!r}: write {turn.instead!r}"


def in_python(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string, each run of comments, and each name of a test."""
    nodes = list(ast.walk(ast.parse(source)))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(_text(part) or "X" for part in node.values)
        elif (text := _text(node)) and id(node) not in parts:
            yield node.lineno, text  # type: ignore[attr-defined]
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.lineno, node.name.replace("_", " ")
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    for _, run in groupby(enumerate(comments), lambda pair: (pair[1].start[0] - pair[0], pair[1].start[1])):
        lines = [token for _, token in run]
        yield lines[0].start[0], " ".join(token.string.lstrip("# ") for token in lines)


def in_markdown(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each paragraph, row of a table or item of a list; code blocks are left out."""
    without_code = re.sub(
        r"^```.*?^```|^ {4}.*?$", lambda code: "\n" * code[0].count("\n"), text, flags=re.MULTILINE | re.DOTALL
    )
    for block in re.finditer(r"^(?:(?!\n|[|*-] ).+\n?)+|^[|*-] .*\n(?: {2}.*\n)*", without_code, re.MULTILINE):
        yield without_code.count("\n", 0, block.start()) + 1, block[0]


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def ours() -> Iterator[Path]:
    """Every Python file and every document of the project."""
    yield from (path for path in ROOT.iterdir() if path.suffix in {".py", ".md"})
    for folder in (path for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"):
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".md"} and not NOT_OURS & {*path.relative_to(ROOT).parts}:
                yield path


def test_there_are_no_unidiomatic_turns() -> None:
    problems = []
    for path in sorted(ours()):
        source = path.read_text(encoding="utf-8")
        texts = in_python(source) if path.suffix == ".py" else in_markdown(source)
        problems += [f"{path.relative_to(ROOT)}:{line}: {problem}" for line, text in texts for problem in found(text)]
    assert problems == [], "\n" + "\n".join(problems)


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: turn.instead)
def test_a_turn_is_found_and_plain_sentences_are_not(turn: Turn) -> None:
    pattern = re.compile(turn.pattern, re.IGNORECASE)
    assert [sentence for sentence in turn.bad if not pattern.search(sentence)] == []
    assert [problem for sentence in turn.good for problem in found(sentence)] == []


def test_strings_comments_and_names_of_tests_are_searched() -> None:
    source = '"""Doc."""\n# one\n# two\nx = f"a{1}b" "c"  # three\ndef test_a_b() -> None:\n    """Of\n    it."""\n'
    assert sorted(text for _, text in in_python(source)) == [
        "Doc.", "Of\n    it.", "aXbc", "one two", "test a b", "three",
    ]  # fmt: skip


def test_paragraphs_rows_and_items_of_documents_are_searched_and_code_is_not() -> None:
    page = "# T\n\nOne\ntwo.\n\n    code\n\n```\ncode\n```\n\n| a | b |\n- c\n  d\n- e\n"
    assert [(line, text.strip()) for line, text in in_markdown(page)] == [
        (1, "# T"), (3, "One\ntwo."), (12, "| a | b |"), (13, "- c\n  d"), (15, "- e"),
    ]  # fmt: skip
