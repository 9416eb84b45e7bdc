"""The claims of a caller's token, and the paths that lead to them."""

from decimal import Decimal

import pytest

from api.request.caller import NOBODY, Caller, claim_path

CLAIMS = {
    "sub": "42",
    "level": 7,
    "weight": Decimal("1.50"),
    "nothing": None,
    "app_metadata": {"tenant": "acme", "roles": ["a", {"name": "b"}]},
    "cognito:groups": ["staff", "editors"],
    "https://example.com/role": "member",
    'odd "key".[0]': "odd",
}


@pytest.mark.parametrize(
    "path, found",
    [
        ("sub", "42"),
        (".sub", "42"),
        ("level", 7),
        ("weight", Decimal("1.50")),
        ("nothing", None),
        ("app_metadata.tenant", "acme"),
        ("app_metadata.roles[0]", "a"),
        ("app_metadata.roles[1].name", "b"),
        ("cognito:groups[1]", "editors"),
        ('"https://example.com/role"', "member"),
        (r'"odd \"key\".[0]"', "odd"),
        ("absent", None),
        ("sub.further", None),
        ("sub[0]", None),
        ("cognito:groups.staff", None),
        ("cognito:groups[2]", None),
        ("absent.further[0].still", None),
    ],
)
def test_a_path_leads_to_a_claim_or_to_nothing(path: str, found: object) -> None:
    assert Caller("member", CLAIMS).claim(path) == found


@pytest.mark.parametrize(
    "path",
    ["", ".", "a.", "a..b", "a[", "a[]", "a[x]", "a[-1]", "[0]", 'a"b', '"', '""', "a]b", "a b", "a[0]b", r"a\b"],
)
def test_a_malformed_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is not a path to a claim"):
        claim_path(path)


def test_nobody_has_no_role_and_no_claims() -> None:
    assert (NOBODY.role, dict(NOBODY.claims), NOBODY.claim("sub")) == (None, {}, None)
