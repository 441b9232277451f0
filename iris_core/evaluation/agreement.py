"""How far two reviewers agree on the records that both have seen, beyond what chance makes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from iris_core.records.interval import Interval, wilson_interval

# The 97.5% quantile of the standard normal distribution: one deviate in 20 is further from 0.
_DEVIATE_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of two reviewers.

    Attributes:
        records: number of records that both have seen.
        agreed: number of those on which they said the same.
        kappa: Cohen's kappa, -1 to 1: 1 if they agree on all, 0 if as often as chance would have
            it. None where it means nothing: there are too few records, or both said the same one
            thing of all.
        interval: its 95% interval, -1 to 1; None without a kappa, and where they agree on all, for
            then the records do not say how much it varies.
        needed: number of records from which on a kappa is given.
    """

    records: int
    agreed: int
    kappa: float | None
    interval: Interval | None
    needed: int

    @property
    def too_few(self) -> bool:
        """Whether there are too few records for a kappa."""
        return self.records < self.needed

    @property
    def share(self) -> float | None:
        """Share of the records on which they agree, 0 to 1; None without records."""
        return self.agreed / self.records if self.records else None

    @property
    def share_interval(self) -> Interval:
        """Its 95% interval, by Wilson's score."""
        return wilson_interval(self.agreed, self.records)


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """Return the agreement of two reviewers by what each said of the same records.

    Kappa is (po - pe) / (1 - pe), with po the share on which they agree, and pe the share on which
    they would by chance if each said what they say as often as here (Cohen, "A coefficient of
    agreement for nominal scales", 1960). Its interval is the asymptotic one: kappa plus or minus
    1.96 standard errors, those of Fleiss, Cohen and Everitt, "Large sample standard errors of kappa
    and weighted kappa", 1969. With fewer than 2k² records for k different answers the normal
    approximation is too poor (Cicchetti, "Testing the normal approximation and minimal sample size
    requirements of weighted kappa when the number of categories is large", 1981): no kappa then.

    Args:
        pairs: of each record what the first and what the second reviewer said.
    """
    records, agreed = len(pairs), sum(first == second for first, second in pairs)
    answers = {answer for pair in pairs for answer in pair}
    needed = 2 * max(2, len(answers)) ** 2
    if records < needed or len(answers) < 2:
        return Agreement(records, agreed, None, None, needed)
    first = Counter(answer for answer, _ in pairs)
    second = Counter(answer for _, answer in pairs)
    chance = sum(first[answer] * second[answer] for answer in answers) / records**2
    kappa = (agreed / records - chance) / (1 - chance)
    variance = 0.0
    for (one, other), count in Counter(pairs).items():
        if one == other:
            weight = 1 - (first[one] + second[one]) / records * (1 - kappa)
        else:
            weight = (1 - kappa) * (second[one] + first[other]) / records
        variance += count / records * weight**2
    variance -= (kappa - chance * (1 - kappa)) ** 2
    # By rounding alone it could come to lie below 0.
    error = math.sqrt(max(0.0, variance) / records) / (1 - chance)
    half = _DEVIATE_95 * error
    interval = Interval(max(-1.0, kappa - half), min(1.0, kappa + half))
    return Agreement(records, agreed, kappa, interval if agreed < records else None, needed)
