"""The shipped policies: the table of the contract, typed here by hand, and its digest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecid.errors import Misuse
from ecid.inspection.checks import CHECK_IDS, Weight
from ecid.inspection.policy import NAMES, Policy
from ecid.trust.tolerance import NOTHING, Tolerances

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
        ("counter", "sha256:2ff0435a7e8971735307a4a32b0b47c418565fb92aa6aeee0b2b57c12f82e247"),
        ("passive", "sha256:855ee9db77b1d0d30135b6a1bae18ff052ab9ebcbe8d3816dd12d99315e23de0"),
        ("strict", "sha256:aae0185ddaa1c0b6e374e240b59ec63fdf654bcf45517bdb40e4523049e5931b"),
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
    ("name", "table"), [("counter", "field"), ("passive", "field"), ("strict", "none")]
)
def test_tolerances(name: str, table: str) -> None:
    """Which deviations are granted to whom is part of a policy; the strict one grants nothing."""
    policy = Policy.load(name)
    assert policy.version == 2
    assert policy.tolerances == Tolerances.load(table)
    assert policy.tolerances.grants("weak_hash", "VN") is False
    assert policy.tolerances.grants("name_encoding", "VN") is (name != "strict")


HEAD = 'name = "x"\nversion = 1\ntolerances = "none"\n'


@pytest.mark.parametrize(
    "source",
    [
        "",
        "no toml",
        f"{HEAD}[weights]\n",
        f"{HEAD}weights = 3\n",
        f'{HEAD}[weights]\n"dg.*" = "mandatory"\n"sod.format" = "mandatory"\n',
        f'{HEAD}[weights]\n"dg.*" = "urgent"\n',
    ],
)
def test_incomplete_policy(source: str) -> None:
    """A policy that leaves a check out is refused: left out must not mean ignored."""
    with pytest.raises(Misuse) as caught:
        Policy.from_toml(source)
    assert caught.value.code == "policy_malformed"


def complete(*, head: str = HEAD, more: str = "") -> str:
    """Return a policy that has every check."""
    lines = [head, "[weights]", '"dg.*" = "mandatory"', more]
    lines += [f'"{i}" = "optional"' for i in CHECK_IDS if not i.startswith("dg.")]
    return "\n".join(lines)


def test_policy_with_a_check_too_many() -> None:
    """A check nobody knows is refused, too: it may be a misspelt one."""
    assert Policy.from_toml(complete()).name == "x"
    with pytest.raises(Misuse):
        Policy.from_toml(complete(more='"chp" = "optional"'))


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace('tolerances = "none"', ""),
        HEAD.replace("none", "generous"),
        HEAD.replace('"none"', "1"),
        HEAD.replace("version = 1", ""),
        HEAD.replace('name = "x"', ""),
    ],
)
def test_policy_without_tolerances(head: str) -> None:
    """What is tolerated must be said, by the name of a table that there is."""
    assert Policy.from_toml(complete()).tolerances is NOTHING
    with pytest.raises(Misuse) as caught:
        Policy.from_toml(complete(head=head))
    assert caught.value.code == "policy_malformed"
