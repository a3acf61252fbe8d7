"""The shipped policies: the table of the contract, typed here by hand, and its digest."""

from __future__ import annotations

import pytest

from ecid.errors import Misuse
from ecid.inspection.checks import CHECK_IDS, Weight
from ecid.inspection.policy import NAMES, Policy

#: design.md section 3, the paragraph on policies: counter / passive / strict.
TABLE = """
access M/E/M
access.binding M/E/M
sod.format M/M/M
sod.signature M/M/M
sod.signer M/M/M
sod.chain M/M/M
sod.time M/M/M
sod.revocation O/O/M
cardsecurity O/E/M
dg.* M/M/M
lds.com O/O/O
lds.state M/M/M
lds.crosscheck O/O/M
chip M/E/M
chip.ca O/O/O
chip.aa O/O/O
chip.cam O/O/O
terminal O/E/O
match.mrz O/O/O
match.qr O/O/O
match.form O/O/O
match.person E/E/E
match.registry E/E/E
document.expiry E/E/M
"""
LETTERS = {"M": Weight.MANDATORY, "O": Weight.OPTIONAL, "E": Weight.EVALUATORY}

#: They change only together with the version of a policy.
DIGESTS = {name: Policy.load(name).digest for name in NAMES}


def contract(column: int) -> dict[str, Weight]:
    """Return the weights of one column of the table."""
    weights: dict[str, Weight] = {}
    for line in TABLE.split("\n"):
        if not line:
            continue
        check_id, letters = line.split()
        weight = LETTERS[letters.split("/")[column]]
        ids = [f"dg.{n}" for n in range(1, 17)] if check_id == "dg.*" else [check_id]
        weights |= dict.fromkeys(ids, weight)
    return weights


@pytest.mark.parametrize(("column", "name"), list(enumerate(("counter", "passive", "strict"))))
def test_weights_are_those_of_the_contract(column: int, name: str) -> None:
    """Every check of the contract has the weight of the contract, and no other check has one."""
    assert contract(column) == Policy.load(name).weights


def test_every_check_id_is_in_the_contract() -> None:
    """The ids of the code are those of the table, in no other number."""
    assert sorted(contract(0)) == sorted(CHECK_IDS)


@pytest.mark.parametrize("name", NAMES)
def test_digest(name: str) -> None:
    """The digest is stable, says which hash it is, and tells policies apart."""
    digest = Policy.load(name).digest
    assert digest == Policy.load(name).digest
    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64
    assert len(set(DIGESTS.values())) == len(NAMES)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("counter", "sha256:5c0f0447528c4419377786e1e303da40ccb08798dbb096863124d8e50f0ddb18"),
        ("passive", "sha256:1b96a44ebbd90da6abc79f4a327ef8e258a8c22d00b037554b76513b23fd3866"),
        ("strict", "sha256:11e076c7fe4ab9583fb84731b7829fdaffbd43e6b2c8e210841d783f9c71bc1a"),
    ],
)
def test_digest_is_pinned(name: str, digest: str) -> None:
    """A policy that changes under the same name is noticed: reports name its digest."""
    assert digest == Policy.load(name).digest


def test_digest_covers_weights_name_and_version() -> None:
    """Whatever makes a policy another one changes its digest."""
    policy = Policy.load("counter")
    weights = {**policy.weights, "chip": Weight.OPTIONAL}
    others = [
        replace(policy, name="other"),
        replace(policy, version=policy.version + 1),
        replace(policy, weights=weights),
        replace(policy, tolerances=NOTHING),
    ]
    assert len({policy.digest, *(other.digest for other in others)}) == 5


def test_required() -> None:
    """Every mandatory check but the data groups beyond DG1 must be there."""
    required = Policy.load("passive").required
    assert required == {
        "sod.format",
        "sod.signature",
        "sod.signer",
        "sod.chain",
        "sod.time",
        "dg.1",
        "lds.state",
    }
    assert required | {"access", "access.binding", "chip"} == Policy.load("counter").required


def test_unknown_policy() -> None:
    """A name that is not shipped is the caller's mistake."""
    with pytest.raises(Misuse) as caught:
        Policy.load("lenient")
    assert caught.value.code == "unknown_policy"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "no toml",
        'name = "x"\nversion = 1\n[weights]\n',
        'name = "x"\nversion = 1\nweights = 3\n',
        'name = "x"\nversion = 1\n[weights]\n"dg.*" = "mandatory"\n"sod.format" = "mandatory"\n',
        'name = "x"\nversion = 1\n[weights]\n"dg.*" = "urgent"\n',
    ],
)
def test_incomplete_policy(source: str) -> None:
    """A policy that leaves a check out is refused: left out must not mean ignored."""
    with pytest.raises(Misuse) as caught:
        Policy.from_toml(source)
    assert caught.value.code == "policy_malformed"


def test_policy_with_a_check_too_many() -> None:
    """A check nobody knows is refused, too: it may be a misspelt one."""
    lines = ['name = "x"', "version = 1", "[weights]", '"dg.*" = "mandatory"', '"chp" = "optional"']
    lines += [f'"{i}" = "optional"' for i in CHECK_IDS if not i.startswith("dg.")]
    with pytest.raises(Misuse):
        Policy.from_toml("\n".join(lines))
    lines.remove('"chp" = "optional"')
    assert Policy.from_toml("\n".join(lines)).name == "x"
