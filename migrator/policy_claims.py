"""What type a claim has to have where it stands in a policy.

MySQL converts what it compares: `user_id = '42abc'` is true for 42, and `'abc'` is 0. So a claim that is compared with
a number must be a number, and is NULL otherwise. The type follows from the columns and literals that the claim is
compared with; if it does not follow from them, the policy is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.catalog.policies import ClaimPlace, ClaimType
from migrator.errors import MigratorError
from migrator.policy_tokens import Token, matching

_BOUNDARIES = frozenset(
    {"AND", "&&", "OR", "XOR", "NOT", "!", "WHERE", "ON", "HAVING", "FROM", "JOIN", "GROUP", "ORDER", "LIMIT", "UNION",
     "SELECT", "EXISTS"}
)  # fmt: skip
_COMPARISONS = frozenset({"=", "<=>", "<", ">", "<=", ">=", "<>", "!=", "IN", "BETWEEN"})
_PATTERNS = frozenset({"LIKE", "RLIKE", "REGEXP"})
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "DIV", "MOD", "<<", ">>", "&", "|", "^", "~"})
_NOT_FUNCTIONS = frozenset(
    {"IN", "EXISTS", "ANY", "ALL", "SOME", "AND", "OR", "XOR", "NOT", "BETWEEN", "LIKE", "RLIKE", "REGEXP", "IS",
     "WHERE", "ON", "HAVING", "SELECT", "FROM", "JOIN", "BY", "DISTINCT", "DIV", "MOD", "UNION", "OF", "BINARY", "ROW",
     "AS"}
)  # fmt: skip
_SAME_TYPE = frozenset({"COALESCE", "IFNULL", "NULLIF", "IF", "GREATEST", "LEAST", "MAX", "MIN", "ANY_VALUE"})
_TEXT_RESULT = frozenset(
    {"LOWER", "UPPER", "LCASE", "UCASE", "TRIM", "LTRIM", "RTRIM", "LEFT", "RIGHT", "SUBSTRING", "SUBSTR", "CONCAT",
     "SUBSTRING_INDEX", "CONCAT_WS", "REPLACE", "HEX", "MD5", "SHA1", "SHA2", "JSON_VALUE", "JSON_UNQUOTE",
     "JSON_EXTRACT", "UUID_TO_BIN", "BIN_TO_UUID", "UNHEX", "JSON_QUOTE"}
)  # fmt: skip
_TESTS = frozenset(
    {"JSON_CONTAINS", "JSON_OVERLAPS", "JSON_CONTAINS_PATH", "JSON_VALID", "JSON_LENGTH", "FIND_IN_SET", "REGEXP_LIKE",
     "LENGTH", "CHAR_LENGTH", "INSTR", "LOCATE"}
)  # fmt: skip
_MOMENTS = frozenset(
    {"NOW", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURDATE", "UTC_TIMESTAMP", "UTC_DATE", "SYSDATE", "LOCALTIMESTAMP"}
)
_CASTS = {
    "CHAR": ClaimType.TEXT, "NCHAR": ClaimType.TEXT, "BINARY": ClaimType.TEXT, "JSON": ClaimType.TEXT,
    "SIGNED": ClaimType.NUMBER, "UNSIGNED": ClaimType.NUMBER, "DECIMAL": ClaimType.NUMBER, "FLOAT": ClaimType.NUMBER,
    "DOUBLE": ClaimType.NUMBER, "INT": ClaimType.NUMBER, "INTEGER": ClaimType.NUMBER,
    "DATE": ClaimType.DATETIME, "DATETIME": ClaimType.DATETIME, "TIME": ClaimType.TIME,
}  # fmt: skip
_NEUTRAL = frozenset({"NULL", "DISTINCT", "ANY", "ALL", "SOME", "IS", "ESCAPE", "ROW", "BINARY", "SELECT", "AS"})


@dataclass(frozen=True, slots=True)
class Operands:
    """An expression's tokens, its claims, and the types of its columns (None: not known), by position with the end."""

    tokens: tuple[Token, ...]
    claims: Mapping[int, tuple[int, ClaimPlace]]
    columns: Mapping[int, tuple[int, ClaimType | None]]

    def word(self, position: int) -> str:
        return self.tokens[position].upper if 0 <= position < len(self.tokens) else ""

    def function(self, parenthesis: int) -> str:
        """The function whose arguments the parenthesis opens; empty if it is not a function's."""
        if parenthesis < 1 or not self.tokens[parenthesis - 1].is_name:
            return ""
        name = self.tokens[parenthesis - 1].text.upper()
        return "" if name in _NOT_FUNCTIONS and self.tokens[parenthesis - 1].kind == "word" else name


def claim_type(operands: Operands, position: int) -> ClaimType:
    """The type of the claim at this position.

    Raises: `MigratorError` (`policy_claim`) if it does not follow from the expression.
    """
    end, place = operands.claims[position]
    if any(token.upper == "CASE" for token in operands.tokens):
        raise _refused("a policy with claims cannot contain CASE", "Write AND and OR.")
    found = _compared(operands, position, end)
    if place.source == "jwt" and found is not ClaimType.TEXT:
        raise _refused("auth.jwt() is text, and here it is compared with something else", "Use auth.claim('path').")
    return found


def _compared(operands: Operands, start: int, end: int) -> ClaimType:
    """Go outwards from the claim, parenthesis by parenthesis, as far as its value flows."""
    while True:
        first, last, opened = _part(operands, start, end)
        function = operands.function(opened) if opened >= 0 else ""
        if function in ("CAST", "CONVERT"):
            return _cast(operands, opened)
        if function in _TESTS:
            return ClaimType.TEXT
        if function:
            if function not in _SAME_TYPE and function not in _TEXT_RESULT:
                _refuse_compared(operands, opened, function)
                return ClaimType.TEXT
            start, end = opened - 1, matching(operands.tokens, opened) + 1
            continue
        if opened >= 0 and _flows_out(operands, opened, first, last):
            start, end = opened, matching(operands.tokens, opened) + 1
            continue
        return _type_of(operands, first, last)


def _part(operands: Operands, start: int, end: int) -> tuple[int, int, int]:
    """The tokens around a value up to the next AND, OR, WHERE and so on, and the parenthesis that they are in or -1."""
    first, opened = start, -1
    while first > 0:
        word = operands.word(first - 1)
        if word == ")":
            first = _opening(operands, first - 1)
            continue
        if word == "(":
            opened = first - 1
            break
        if word in _BOUNDARIES and not _is_inner(operands, first - 1):
            break
        first -= 1
    last = end
    while last < len(operands.tokens) and operands.word(last) != ")":
        word = operands.word(last)
        if word in _BOUNDARIES and not _is_inner(operands, last):
            break
        last = matching(operands.tokens, last) + 1 if word == "(" else last + 1
    if opened < 0:
        opened = _around(operands, first)
    return first, last, opened


def _is_inner(operands: Operands, position: int) -> bool:
    """The AND of a BETWEEN, and the NOT of NOT IN, NOT BETWEEN, NOT LIKE and IS NOT."""
    word = operands.word(position)
    if word == "NOT":
        after = operands.word(position + 1)
        return operands.word(position - 1) == "IS" or after in _PATTERNS or after in ("IN", "BETWEEN")
    if word != "AND":
        return False
    while position > 0:
        position -= 1
        word = operands.word(position)
        if word == ")":
            position = _opening(operands, position)
        elif word == "BETWEEN":
            return True
        elif word in _BOUNDARIES or word == "(":
            return False
    return False


def _opening(operands: Operands, closing: int) -> int:
    depth = 0
    for position in range(closing, -1, -1):
        depth += {")": 1, "(": -1}.get(operands.word(position), 0)
        if depth == 0:
            return position
    raise AssertionError("parentheses were matched before")


def _around(operands: Operands, position: int) -> int:
    """The parenthesis around a position, or -1."""
    position -= 1
    while position >= 0:
        word = operands.word(position)
        if word == "(":
            return position
        position = _opening(operands, position) - 1 if word == ")" else position - 1
    return -1


def _flows_out(operands: Operands, opened: int, first: int, last: int) -> bool:
    """The value of the parenthesis is the value of the part: it is all of it, or the list of columns of a subquery."""
    if operands.word(first - 1) == "SELECT":
        return operands.word(opened - 1) != "EXISTS"
    return first == opened + 1 and last == matching(operands.tokens, opened)


def _cast(operands: Operands, opened: int) -> ClaimType:
    closing = matching(operands.tokens, opened)
    for position in range(closing - 1, opened, -1):
        if operands.word(position) in ("AS", ",", "USING"):
            if operands.word(position) == "USING":
                return ClaimType.TEXT
            found = _CASTS.get(operands.word(position + 1))
            if found is not None:
                return found
    raise _refused("this CAST of a claim is not supported", f"Supported: {', '.join(_CASTS)}.")


def _refuse_compared(operands: Operands, opened: int, function: str) -> None:
    """An unknown function may return anything, so its result may be a condition but not be compared."""
    closing = matching(operands.tokens, opened)
    first, last, around = _part(operands, opened - 1, closing + 1)
    outside = [operands.word(each) for each in range(first, last) if not opened <= each < closing]
    in_function = around >= 0 and operands.function(around)
    if in_function or any(word in _COMPARISONS | _ARITHMETIC for word in outside):
        raise _refused(
            f"the type of {function}() is not known, so its result for a claim cannot be compared",
            f"CAST the claim inside {function}(), or compare the claim itself.",
        )


def _type_of(operands: Operands, first: int, last: int) -> ClaimType:
    """The one type of everything between these tokens."""
    return _one(*_types(operands, first, last))


def _types(operands: Operands, first: int, last: int) -> tuple[set[ClaimType], set[str]]:
    """The types of everything between these tokens, and the words among them."""
    found: set[ClaimType] = set()
    words: set[str] = set()
    position = first
    while position < last:
        token, word = operands.tokens[position], operands.word(position)
        if position in operands.claims:
            position = operands.claims[position][0]
        elif position in operands.columns:
            position, known = operands.columns[position]
            if operands.word(position) in ("->", "->>"):
                known, position = ClaimType.TEXT, position + 2
            if known is None:
                raise _refused(f"the type of {token.text}, which a claim is compared with, is not known")
            found.add(known)
        elif token.kind == "number":
            found.add(ClaimType.NUMBER)
            position += 1
        elif token.kind == "string":
            position += 1
        elif word == "COLLATE":
            position += 2
        elif word in ("TRUE", "FALSE", "UNKNOWN"):
            if operands.word(position - 1) not in ("IS", "NOT"):
                found.add(ClaimType.BOOLEAN)
            position += 1
        elif word == "(" and operands.word(position + 1) == "SELECT":
            closing = matching(operands.tokens, position)
            found |= _selected(operands, position + 2, closing, words)
            position = closing + 1
        elif token.is_name and operands.word(position + 1) == "(" and operands.function(position + 1):
            position = _function(operands, position, found, words)
        elif token.is_name and word in _MOMENTS:
            found.add(ClaimType.DATETIME)
            position += 1
        elif word in _COMPARISONS | _PATTERNS | _ARITHMETIC | _NEUTRAL | {"(", ")", ",", "AND", "NOT"}:
            words.add(word)
            position += 1
        else:
            raise _refused(f"{token.text!r} with a claim is not supported")
    return found, words


def _selected(operands: Operands, first: int, closing: int, words: set[str]) -> set[ClaimType]:
    """The types in the list of columns of a subquery."""
    last = first
    while last < closing and operands.word(last) != "FROM":
        last = matching(operands.tokens, last) + 1 if operands.word(last) == "(" else last + 1
    if operands.word(last - 1) == "*":
        raise _refused("a subquery that a claim is compared with has to name its column")
    types, inner = _types(operands, first, last)
    words |= inner
    return types


def _function(operands: Operands, position: int, found: set[ClaimType], words: set[str]) -> int:
    name, opened = operands.tokens[position].text.upper(), position + 1
    closing = matching(operands.tokens, opened)
    if name in ("CAST", "CONVERT"):
        found.add(_cast(operands, opened))
    elif name in _TEXT_RESULT:
        found.add(ClaimType.TEXT)
    elif name in _MOMENTS:
        found.add(ClaimType.DATETIME)
    elif name in ("COUNT", "LENGTH", "CHAR_LENGTH", "JSON_LENGTH", "YEAR"):
        found.add(ClaimType.NUMBER)
    elif name in _SAME_TYPE:
        return opened  # its arguments are read as if they stood here
    else:
        raise _refused(
            f"the type of {name}(), which a claim is compared with, is not known",
            f"Write CAST({name}(...) AS CHAR), AS SIGNED or AS DECIMAL(65,30).",
        )
    words.add(name)
    return closing + 1


def _one(found: set[ClaimType], words: set[str]) -> ClaimType:
    if words & _PATTERNS and not words & _COMPARISONS:
        return ClaimType.TEXT
    if words & _ARITHMETIC:
        found = found | {ClaimType.NUMBER}
    if found == {ClaimType.NUMBER, ClaimType.BOOLEAN}:
        return ClaimType.NUMBER
    if len(found) > 1:
        kinds = " and ".join(sorted(each.value for each in found))
        raise _refused(f"a claim is compared with {kinds}", "CAST one side, so that both have the same type.")
    if not words & (_COMPARISONS | _PATTERNS | {"IS"}):
        raise _refused("a claim is not a condition", "Compare it: auth.claim('admin') = 'true'.")
    return found.pop() if found else ClaimType.TEXT


def _refused(message: str, hint: str | None = None) -> MigratorError:
    return MigratorError("policy_claim", message, hint=hint)
