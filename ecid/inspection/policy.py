"""Policies: which check counts how much, as data with a digest that the report names."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import resources

from ecid.errors import Misuse
from ecid.inspection.checks import CHECK_IDS, DATA_GROUP_CHECKS, Weight
from ecid.trust.tolerance import Tolerances

NAMES = ("counter", "passive", "strict")


@dataclass(frozen=True)
class Policy:
    """A named set of weights, one for every check id, and which deviations are granted to whom."""

    name: str
    version: int
    weights: Mapping[str, Weight]
    tolerances: Tolerances

    @classmethod
    def load(cls, name: str) -> Policy:
        """Return the shipped policy ``name``: counter, passive or strict. Raises ``Misuse``."""
        if name not in NAMES:
            raise Misuse("unknown_policy", name=name, known=", ".join(NAMES))
        source = resources.files("ecid.inspection.policies").joinpath(f"{name}.toml")
        return cls.from_toml(source.read_text("utf-8"))

    @classmethod
    def from_toml(cls, source: str) -> Policy:
        """Return the policy written in ``source``. Raises ``Misuse`` if it is not complete."""
        try:
            table = tomllib.loads(source)
            weights = {key: Weight(value) for key, value in table["weights"].items()}
            every_data_group = weights.pop("dg.*")
            weights = {**dict.fromkeys(DATA_GROUP_CHECKS, every_data_group), **weights}
            name, version = str(table["name"]), int(table["version"])
            tolerances = Tolerances.load(str(table["tolerances"]))
        except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError) as exc:
            raise Misuse("policy_malformed") from exc
        if set(weights) != set(CHECK_IDS):
            raise Misuse("policy_malformed")
        return cls(name, version, weights, tolerances)

    @cached_property
    def digest(self) -> str:
        """``sha256:`` and the hex digest over name, version, sorted weights and tolerances."""
        weights = sorted(self.weights.items())
        canonical = json.dumps([self.name, self.version, weights, self.tolerances.digest])
        return "sha256:" + sha256(canonical.encode()).hexdigest()

    @property
    def required(self) -> frozenset[str]:
        """Every mandatory check that no card may lack. Data groups but DG1 count once read."""
        optional_groups = set(DATA_GROUP_CHECKS) - {"dg.1"}
        return frozenset(
            check_id
            for check_id, weight in self.weights.items()
            if weight is Weight.MANDATORY and check_id not in optional_groups
        )
