"""Sweeps: a row of `experiments` with lists of values stands for one row a combination."""

import itertools
import math
import re

from assignment06.config.experiment import short_title
from assignment06.config.sentences import refusal

MOST_EXPERIMENTS = 10_000


def expand_experiments(rows: object, table: str = "experiments") -> object:
    """Return a table of the config, by default that of experiments, with a row for each combination of listed values.

    `seeds: [0, 1]` and, say, `dropout: [0.2, 0.5]` in a row `a` make `a_dropout0.2_seed0` and three more, each
    with `group: a_dropout0.2` (what its seeds have in common) and a title that says which it is. A row without
    lists stays as it is, and so does anything that is no table, for the schema to refuse.
    """
    if not isinstance(rows, dict):
        return rows
    expanded = {}
    for name, row in rows.items():
        if isinstance(row, dict):
            _check_seeds(name, row, table)
        lists = {key: value for key, value in row.items() if isinstance(value, list)} if isinstance(row, dict) else {}
        if not lists:
            expanded[name] = row
            continue
        if [key for key, values in lists.items() if not values or len(set(map(str, values))) < len(values)]:
            raise refusal(f"a list in `{table}: {name}` is empty or repeats a value: correct it.")
        seeds = lists.pop("seeds", [row.get("seed", 0)])
        if math.prod(map(len, lists.values())) * len(seeds) > MOST_EXPERIMENTS:
            raise refusal(f"the lists in `{table}: {name}` make more than {MOST_EXPERIMENTS} rows: shorten them.")
        for values in itertools.product(*lists.values()):
            chosen = dict(zip(lists, values, strict=True))
            group = "_".join([name, *(f"{key}{_plain(value)}" for key, value in chosen.items())])
            for seed in seeds:
                single = {key: value for key, value in row.items() if key != "seeds"} | chosen | {"seed": seed}
                words = [f"{key} {_shown(value)}" for key, value in {**chosen, "seed": seed}.items()]
                single |= {
                    "short_title": f"{short_title(name, row)}, {', '.join(words)}",
                    "group": group,
                    "title": f"{row.get('title', name)} ({', '.join(words)})",
                }
                new = f"{group}_seed{seed}" if len(seeds) > 1 else group
                if new in expanded or (new in rows and new != name):
                    raise refusal(f"two rows of `{table}` come to the name `{new}`: rename one.")
                expanded[new] = single
    return expanded


def _check_seeds(name: str, row: dict, table: str) -> None:
    if isinstance(row.get("seed"), list):
        raise refusal(f"`{table}: {name}: seed` is a list: write `seeds: {row['seed']}`.")
    if "seeds" in row and not isinstance(row["seeds"], list):
        raise refusal(f"`{table}: {name}: seeds` is {row['seeds']!r}: write a list, such as [0, 1, 2].")


def _plain(value: object) -> str:
    return re.sub(r"[^a-z0-9.]", "", _shown(value).lower())


def _shown(value: object) -> str:
    return "all" if value is None else str(value)  # null is "no limit"
