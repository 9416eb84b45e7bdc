"""Policies as the migrator understands them: statements, conditions in pieces, and the types of claims."""

from __future__ import annotations

from decimal import Decimal

import pytest

from api.catalog.policies import (
    ClaimPlace,
    ClaimType,
    Command,
    Policy,
    RowColumn,
    check_rule,
    read_expression,
    using_rule,
)
from api.errors import ApiError
from api.plan.claims import claim_value
from api.request.caller import Caller
from migrator.errors import MigratorError
from migrator.policy_expression import Columns, parse_expression
from migrator.policy_statements import (
    AlterPolicy,
    CreatePolicy,
    DropPolicy,
    SetRowSecurity,
    TableName,
    parse_policy_statement,
)

NUMBER, TEXT, BOOLEAN, DATETIME = ClaimType.NUMBER, ClaimType.TEXT, ClaimType.BOOLEAN, ClaimType.DATETIME
TABLES: dict[str, dict[str, ClaimType]] = {
    "orders": {
        "user_id": NUMBER, "team_id": NUMBER, "owner": TEXT, "total": NUMBER, "public": BOOLEAN,
        "created": DATETIME, "data": TEXT, "day": DATETIME, "not": TEXT, "null": TEXT, "end": TEXT, "unknown": TEXT,
        "date": DATETIME,
    },
    "member": {"team_id": NUMBER, "user_id": NUMBER, "who": TEXT},
}  # fmt: skip


def columns_of(database: str, table: str) -> Columns | None:
    found = TABLES.get(table) if database == "shop" else None
    return None if found is None else {name: (name, type_) for name, type_ in found.items()}


def written(condition: str) -> str:
    """The pieces of a condition: `{column}` for the row's, `<claim:type>` for claims."""
    found = parse_expression(condition, "shop", "orders", columns_of)
    assert read_expression(condition, found.stored()) == found
    shown = [
        each if isinstance(each, str)
        else "{" + each.name + "}" if isinstance(each, RowColumn)
        else f"<{each.path or each.source}:{each.type.value}>"
        for each in found.pieces
    ]  # fmt: skip
    return " ".join("".join(shown).split())


@pytest.mark.parametrize(
    "condition, pieces",
    [
        ("user_id = auth.uid()", "{user_id} = <sub:number>"),
        ("AUTH.UID() = shop.orders.`user_id`", "<sub:number> = {user_id}"),
        ("owner = auth.uid()AND total<1000", "{owner} = <sub:text> AND {total} <1000"),
        ("user_id IN (auth.uid(), 5)", "{user_id} IN ( <sub:number> , 5)"),
        ("owner NOT IN (auth.uid())", "{owner} NOT IN ( <sub:text> )"),
        (
            "EXISTS (SELECT 1 FROM member m WHERE m.team_id = orders.team_id AND m.user_id = auth.uid())",
            "EXISTS (SELECT 1 FROM `shop`.member m WHERE m.team_id = {team_id} AND m.user_id = <sub:number> )",
        ),
        (
            "team_id IN (SELECT team_id FROM member WHERE who = auth.uid())",
            "{team_id} IN (SELECT team_id FROM `shop`.member WHERE who = <sub:text> )",
        ),
        (
            "auth.uid() IN (SELECT user_id FROM member)",
            "<sub:number> IN (SELECT user_id FROM `shop`.member)",
        ),
        ("auth.uid() = (SELECT who FROM member LIMIT 1)", "<sub:text> = (SELECT who FROM `shop`.member LIMIT 1)"),
        ("user_id = (SELECT auth.uid())", "{user_id} = (SELECT <sub:number> )"),
        (
            "EXISTS (SELECT 1 FROM orders AS other, member WHERE other.user_id = orders.user_id)",
            "EXISTS (SELECT 1 FROM `shop`.orders AS other, `shop`.member WHERE other.user_id = {user_id} )",
        ),
        ("COALESCE(auth.uid(), 0) = user_id", "COALESCE( <sub:number> , 0) = {user_id}"),
        ("user_id = CAST(auth.uid() AS UNSIGNED)", "{user_id} = CAST( <sub:number> AS UNSIGNED)"),
        ("user_id BETWEEN auth.claim('a') AND auth.claim('b')", "{user_id} BETWEEN <a:number> AND <b:number>"),
        ("auth.claim('level') >= 3", "<level:number> >= 3"),
        ("auth.claim('admin') = TRUE", "<admin:boolean> = TRUE"),
        ("auth.claim('admin') = 'true'", "<admin:text> = 'true'"),
        ("public = auth.claim('a.b[0]')", "{public} = <a.b[0]:boolean>"),
        ("created > auth.claim('since')", "{created} > <since:datetime>"),
        ("auth.uid() IS NULL OR public", "<sub:text> IS NULL OR {public}"),
        ("JSON_VALUE(auth.jwt(), '$.x') = owner", "JSON_VALUE( <jwt:text> , '$.x') = {owner}"),
        ("data->>'$.owner' = auth.uid()", "{data} ->>'$.owner' = <sub:text>"),
        (
            "JSON_CONTAINS(auth.claim('teams'), CAST(team_id AS JSON))",
            "JSON_CONTAINS( <teams:text> , CAST( {team_id} AS JSON))",
        ),
        ("FIND_IN_SET(team_id, auth.claim('teams')) > 0", "FIND_IN_SET( {team_id} , <teams:text> ) > 0"),
        ("is_member(team_id, auth.uid())", "is_member( {team_id} , <sub:text> )"),
        ("LOWER(owner) = LOWER(auth.claim('email'))", "LOWER( {owner} ) = LOWER( <email:text> )"),
        ("owner LIKE CONCAT(auth.uid(), '%')", "{owner} LIKE CONCAT( <sub:text> , '%')"),
        ("created > NOW() - INTERVAL 1 DAY AND day IS NULL", "{created} > NOW() - INTERVAL 1 DAY AND {day} IS NULL"),
        ("CAST(created AS date) = DATE '2024-01-01'", "CAST( {created} AS date) = DATE '2024-01-01'"),
        (r"owner = 'it''s \' \\ %'", "{owner} = _utf8mb4 X'697427732027205c2025'"),
        ("owner = 'a' -- what\n OR /* this */ TRUE", "{owner} = 'a' OR TRUE"),
        (
            "`not` IS NOT NULL AND `null` NOT IN ('a') AND NOT (unknown = 'x') IS NOT UNKNOWN",
            "{not} IS NOT NULL AND {null} NOT IN ('a') AND NOT ( {unknown} = 'x') IS NOT UNKNOWN",
        ),
        ("end = CASE WHEN TRUE THEN 'a' END", "{end} = CASE WHEN TRUE THEN 'a' END"),
        ("auth.role() <> 'x' XOR user_id = auth.uid()", "<role:text> <> 'x' XOR {user_id} = <sub:number>"),
    ],
)
def test_a_condition_becomes_pieces(condition: str, pieces: str) -> None:
    assert written(condition) == pieces


@pytest.mark.parametrize(
    "condition, code",
    [
        ("auth.uid()", "policy_claim"),
        ("NOT auth.uid()", "policy_claim"),
        ("LEFT(owner, 2) + 0 = auth.uid()", "policy_claim"),
        ("owner + 0 = auth.uid()", "policy_claim"),
        ("user_id = auth.jwt()", "policy_claim"),
        ("JSON_VALUE(auth.jwt(), '$.x') = user_id", "policy_claim"),
        ("is_member(team_id, auth.uid()) = 1", "policy_claim"),
        ("user_of(owner) = auth.uid()", "policy_claim"),
        ("COALESCE(is_member(auth.uid()), 0) = 1", "policy_claim"),
        ("(user_id, owner) = (auth.uid(), 'x')", "policy_claim"),
        ("user_id = CASE WHEN public THEN auth.uid() ELSE 0 END", "policy_claim"),
        ("auth.uid() IN (SELECT * FROM member)", "policy_claim"),
        ("auth.uid() = (SELECT x.a FROM (SELECT 1 AS a) AS x)", "policy_claim"),
        ("auth.email() = 'x'", "policy_claim"),
        ("auth.uid(1) = 'x'", "policy_claim"),
        ("auth.claim() = 'x'", "policy_claim"),
        ("auth.claim('a..b') = 'x'", "policy_claim"),
        ("auth.claim(owner) = 'x'", "policy_claim"),
        ("auth.jwt() ->> 'tenant' = 'x'", "policy_claim"),
        ("member.user_id = 1", "policy_column"),
        ("`nothing` = 1", "policy_column"),
        ("orders.nothing = 1", "policy_column"),
        ("EXISTS (SELECT 1 FROM missing)", "policy_column"),
        ("EXISTS (SELECT 1 FROM orders WHERE user_id = 1)", "policy_recursion"),
        ("EXISTS (SELECT 1 FROM member AS orders WHERE user_id = 1)", "policy_recursion"),
        ("EXISTS (SELECT 1 FROM member t WHERE t.user_id = 1)", "policy_alias"),
        ("EXISTS (SELECT 1 FROM member e3j)", "policy_alias"),
        ("EXISTS (SELECT 1 FROM (SELECT 1) )", "policy_alias"),
        ('owner = "x"', "policy_syntax"),
        ("@a := 1", "policy_syntax"),
        ("owner = ?", "policy_syntax"),
        ("TRUE; DROP TABLE orders", "policy_syntax"),
        ("TRUE) OR (TRUE", "policy_syntax"),
        ("(TRUE", "policy_syntax"),
        ("TRUE /*! OR TRUE */", "policy_syntax"),
        ("TRUE /*+ x */", "policy_syntax"),
        ("owner = 'x", "policy_syntax"),
        ("owner || 'x'", "policy_syntax"),
        ("SLEEP(1) = 0", "policy_syntax"),
        ("EXISTS (SELECT 1 INTO OUTFILE 'x')", "policy_syntax"),
        ("owner = '" + "x" * 4000 + "'", "policy_syntax"),
    ],
)  # fmt: skip
def test_a_condition_that_could_mean_something_else_is_refused(condition: str, code: str) -> None:
    with pytest.raises(MigratorError) as raised:
        written(condition)
    assert raised.value.code == code


@pytest.mark.parametrize("length", [1000, 2000])
def test_a_long_condition_takes_time_in_proportion(length: int) -> None:
    condition = " OR ".join(["user_id = auth.uid()"] * (length // 25))
    assert written(condition).count("<sub:number>") == length // 25


@pytest.mark.parametrize(
    "claim, as_number, as_text",
    [
        ("42", 42, "42"), (42, 42, "42"), ("-7", -7, "-7"), (Decimal("1.50"), Decimal("1.50"), "1.50"),
        ("42abc", None, "42abc"), (" 42", None, " 42"), ("4e1", None, "4e1"), ("042", None, "042"), ("", None, ""),
        ("-0", None, "-0"), ("٤٢", None, "٤٢"), ("42\n", None, "42\n"), ("0x2a", None, "0x2a"),
        (True, None, "true"), (False, None, "false"), (None, None, None), ([], None, "[]"), ({"a": 1}, None, '{"a":1}'),
        ([1, "x", None, Decimal("1.10")], None, '[1,"x",null,1.10]'),
        (2**64, 2**64, str(2**64)), (10**100, None, str(10**100)), ("9" * 66, None, "9" * 66),
        (Decimal("1E+400"), None, "1E+400"), ("\ud800", None, None), ("1 OR 1=1", None, "1 OR 1=1"),
        ("\\' OR 1=1 -- ", None, "\\' OR 1=1 -- "),
    ],
)  # fmt: skip
def test_a_claim_has_the_type_of_what_it_is_compared_with(claim: object, as_number: object, as_text: object) -> None:
    caller = Caller("member", {"c": claim})
    assert claim_value(caller, ClaimPlace("claim", "c", NUMBER)) == as_number
    assert claim_value(caller, ClaimPlace("claim", "c", TEXT)) == as_text


def test_booleans_dates_and_times_are_only_what_they_are() -> None:
    def of(claim: object, type_: ClaimType) -> object:
        return claim_value(Caller(None, {"c": claim}), ClaimPlace("claim", "c", type_))

    assert [of(claim, BOOLEAN) for claim in (True, False, "true", "false", 1, 0, "1", "TRUE", None)] == [
        True, False, True, False, None, None, None, None, None,
    ]  # fmt: skip
    moments = (
        "2024-02-29",
        "2024-02-30",
        "2024-02-29T10:00:00",
        "2024-02-29 10:00:00.5",
        "20240229",
        20240229,
        "now",
        "",
    )
    assert [of(claim, DATETIME) for claim in moments] == [
        "2024-02-29", None, "2024-02-29 10:00:00", "2024-02-29 10:00:00.5", None, None, None, None,
    ]  # fmt: skip
    assert [of(claim, ClaimType.TIME) for claim in ("10:00:00", "-26:05:04.5", "10", 100000)] == [
        "10:00:00", "-26:05:04.5", None, None,
    ]  # fmt: skip
    assert claim_value(Caller("m", {"a": "\ud800"}), ClaimPlace("jwt")) == '{"a":"\\ud800"}'
    assert claim_value(Caller("m"), ClaimPlace("role")) == "m"
    assert claim_value(Caller(), ClaimPlace("role")) is None


@pytest.mark.parametrize(
    "text, statement",
    [
        ("alter table `a b` enable row level security", SetRowSecurity(TableName(None, "a b"), True)),
        ("ALTER TABLE s.t DISABLE ROW\nLEVEL SECURITY", SetRowSecurity(TableName("s", "t"), False)),
        (
            'CREATE POLICY "own rows" ON t USING ( a = (1) )',
            CreatePolicy(TableName(None, "t"), "own rows", True, None, (), "a = (1)", None),
        ),
        (
            "CREATE POLICY p ON t AS RESTRICTIVE FOR UPDATE TO a, `b`, a USING (x) WITH CHECK (y)",
            CreatePolicy(TableName(None, "t"), "p", False, Command.UPDATE, ("a", "b"), "x", "y"),
        ),
        (
            "CREATE POLICY p ON t AS PERMISSIVE FOR INSERT TO PUBLIC, a WITH CHECK (y)",
            CreatePolicy(TableName(None, "t"), "p", True, Command.INSERT, (), None, "y"),
        ),
        ("ALTER POLICY p ON t RENAME TO q", AlterPolicy(TableName(None, "t"), "p", "q", None, None, None)),
        ("ALTER POLICY p ON t TO PUBLIC USING (x)", AlterPolicy(TableName(None, "t"), "p", None, (), "x", None)),
        ("DROP POLICY IF EXISTS p ON t CASCADE", DropPolicy(TableName(None, "t"), "p", True)),
        ("DROP POLICY p ON t", DropPolicy(TableName(None, "t"), "p", False)),
        ("CREATE TABLE policy (id INT)", None),
        ("ALTER TABLE t ADD COLUMN row_level_security INT", None),
        ("DROP TABLE policy", None),
    ],
)
def test_statements_are_postgresqls(text: str, statement: object) -> None:
    assert parse_policy_statement(text) == statement


@pytest.mark.parametrize(
    "text",
    [
        "CREATE POLICY p ON t", "CREATE POLICY p ON t USING", "CREATE POLICY p ON t USING ()",
        "CREATE POLICY p ON t USING x", "CREATE POLICY p ON t FOR INSERT USING (x)",
        "CREATE POLICY p ON t FOR SELECT USING (x) WITH CHECK (y)", "CREATE POLICY p ON t FOR TRUNCATE USING (x)",
        "CREATE POLICY p ON t TO USING (x)", "CREATE POLICY p ON t TO CURRENT_USER USING (x)",
        "CREATE POLICY p ON t AS OPTIONAL USING (x)", "CREATE POLICY p t USING (x)", "CREATE POLICY ON t USING (x)",
        "CREATE POLICY p ON t USING (x) garbage", "CREATE POLICY p ON t USING (x", "ALTER POLICY p ON t",
        "DROP POLICY p", "ALTER TABLE t FORCE ROW LEVEL SECURITY", "ALTER TABLE t NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE t ADD a INT, ENABLE ROW LEVEL SECURITY", f"CREATE POLICY {'p' * 65} ON t USING (x)",
    ],
)  # fmt: skip
def test_a_wrong_statement_is_a_clear_error(text: str) -> None:
    with pytest.raises(MigratorError) as raised:
        parse_policy_statement(text)
    assert raised.value.code == "policy_syntax"


def test_policies_combine_as_postgresql_combines_them() -> None:
    def policy(name: str, *, permissive: bool = True, command: Command | None = None, roles: tuple[str, ...] = (),
               using: bool = True, check: bool = False) -> Policy:  # fmt: skip
        of = {kind: parse_expression(f"owner = '{name}{kind}'", "shop", "orders", columns_of) for kind in ("", "!")}
        return Policy(name, permissive, command, roles, of[""] if using else None, of["!"] if check else None)

    policies = (
        policy("all"), policy("select", command=Command.SELECT), policy("member", roles=("member",)),
        policy("insert", command=Command.INSERT, using=False, check=True),
        policy("narrow", permissive=False, check=True), policy("checked", command=Command.UPDATE, check=True),
    )  # fmt: skip

    def names(rule: object) -> tuple[list[str], list[str]]:
        permissive, restrictive = rule.permissive, rule.restrictive  # type: ignore[attr-defined]
        return [e.source[9:-1] for e in permissive], [e.source[9:-1] for e in restrictive]

    assert names(using_rule(policies, Command.SELECT, None)) == (["all", "select"], ["narrow"])
    assert names(using_rule(policies, Command.DELETE, "member")) == (["all", "member"], ["narrow"])
    assert names(check_rule(policies, Command.INSERT, "other")) == (["all", "insert!"], ["narrow!"])
    assert names(using_rule(policies, Command.UPDATE, None)) == (["all", "checked"], ["narrow"])
    assert names(check_rule(policies, Command.UPDATE, None)) == (["all", "checked!"], ["narrow!"])
    assert names(using_rule((), Command.SELECT, None)) == ([], [])


def test_a_claim_that_would_fill_a_statement_is_refused() -> None:
    for claim in ("x" * 4000, "\\" * 2000, ["y" * 4000]):
        with pytest.raises(ApiError, match="too long for a row policy"):
            claim_value(Caller(None, {"c": claim}), ClaimPlace("claim", "c", TEXT))
    assert claim_value(Caller(None, {"c": "x" * 3000}), ClaimPlace("claim", "c", TEXT)) == "x" * 3000
    assert claim_value(Caller(None, {"c": "x" * 4000}), ClaimPlace("claim", "c", NUMBER)) is None
