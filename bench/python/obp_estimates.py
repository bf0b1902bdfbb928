"""What Open Bandit Pipeline estimates on two kinds of logs, as the JSON that libs/exploration/fixtures/obp.json holds.

usage: obp_estimates.py FOLDER_OF_DATASETS > libs/exploration/fixtures/obp.json
needs: Python 3.9 with obp==0.5.5 (pip install obp==0.5.5)

The first log is made here: lists of 3 out of 6 items, drawn without replacement by the weights "logged"; the policy in
question draws by the weights "target". The model's word on an item in a slot is "model". The second is the Open Bandit Dataset's
sample: each policy is judged on the log of the other. Its model and the probabilities of the policy BTS are counts, as
below; only estimates are kept.
"""
import gzip
import io
import itertools
import json
import sys
from os.path import join

import numpy as np
import pandas as pd
from obp.ope import (
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
    SelfNormalizedSlateIndependentIPS,
    SelfNormalizedSlateRewardInteractionIPS,
    SelfNormalizedSlateStandardIPS,
    SlateCascadeDoublyRobust,
    SlateIndependentIPS,
    SlateRewardInteractionIPS,
    SlateStandardIPS,
)

LISTS, SLOTS, ITEMS = 400, 3, 6
LOGGED = [8.0, 5.0, 3.0, 2.0, 1.0, 1.0]
TARGET = [2.0, 3.0, 4.0, 4.0, 2.0, 1.0]
CLICK_RATES = [[0.30, 0.20, 0.15], [0.10, 0.08, 0.05], [0.40, 0.25, 0.2], [0.2, 0.2, 0.1], [0.05, 0.04, 0.03], [0.5, 0.4, 0.3]]
MODEL = [[0.25, 0.20, 0.10], [0.15, 0.10, 0.05], [0.30, 0.25, 0.2], [0.25, 0.2, 0.1], [0.05, 0.05, 0.05], [0.4, 0.3, 0.2]]


def draws(weights, above):
    """The probability of each item for the slot below those given."""
    left = np.array([0.0 if item in above else weights[item] for item in range(ITEMS)])
    return left / left.sum()


def marginals(weights):
    """The probability that an item is in a slot, by adding up all lists."""
    result = np.zeros((ITEMS, SLOTS))
    for items in itertools.permutations(range(ITEMS), SLOTS):
        probability = np.prod([draws(weights, items[:slot])[item] for slot, item in enumerate(items)])
        for slot, item in enumerate(items):
            result[item, slot] += probability
    return result


def simulated():
    random = np.random.RandomState(7)
    lists, clicks = [], []
    for _ in range(LISTS):
        items = []
        for _ in range(SLOTS):
            items.append(int(random.choice(ITEMS, p=draws(LOGGED, items))))
        lists.append(items)
        clicks.append([int(random.uniform() < CLICK_RATES[item][slot]) for slot, item in enumerate(items)])
    reward = np.array(clicks).flatten().astype(float)
    slate_id = np.repeat(np.arange(LISTS), SLOTS)
    position = np.tile(np.arange(SLOTS), LISTS)
    action = np.array(lists).flatten()

    def cascade(weights):
        rows = []
        for items in lists:
            rows += list(np.cumprod([draws(weights, items[:slot])[item] for slot, item in enumerate(items)]))
        return np.array(rows)

    logged, target = cascade(LOGGED), cascade(TARGET)
    whole = {"pscore": np.repeat(logged[SLOTS - 1 :: SLOTS], SLOTS), "evaluation_policy_pscore": np.repeat(target[SLOTS - 1 :: SLOTS], SLOTS)}
    down_to = {"pscore_cascade": logged, "evaluation_policy_pscore_cascade": target}
    in_slot = {"pscore_item_position": marginals(LOGGED)[action, position], "evaluation_policy_pscore_item_position": marginals(TARGET)[action, position]}
    log = {"slate_id": slate_id, "reward": reward, "position": position}
    choices = np.concatenate([draws(TARGET, items[:slot]) for items in lists for slot in range(SLOTS)])
    q_hat = np.concatenate([np.array(MODEL)[:, slot] for _ in lists for slot in range(SLOTS)])

    first = slice(0, None, SLOTS)
    single = {"reward": reward[first], "action": action[first], "position": np.zeros(LISTS, dtype=int), "pscore": logged[first]}
    distribution = np.repeat(draws(TARGET, [])[None, :, None], LISTS, axis=0)
    expected = np.repeat(np.array(MODEL)[None, :, :1], LISTS, axis=0)
    return {
        "logged": LOGGED,
        "target": TARGET,
        "model": MODEL,
        "lists": " ".join("".join(map(str, items)) for items in lists),
        "clicks": " ".join("".join(map(str, row)) for row in clicks),
        "estimates": {
            "list": SlateStandardIPS(len_list=SLOTS).estimate_policy_value(**log, **whole),
            "listSelfNormalized": SelfNormalizedSlateStandardIPS(len_list=SLOTS).estimate_policy_value(**log, **whole),
            "cascade": SlateRewardInteractionIPS(len_list=SLOTS).estimate_policy_value(**log, **down_to),
            "cascadeSelfNormalized": SelfNormalizedSlateRewardInteractionIPS(len_list=SLOTS).estimate_policy_value(**log, **down_to),
            "position": SlateIndependentIPS(len_list=SLOTS).estimate_policy_value(**log, **in_slot),
            "positionSelfNormalized": SelfNormalizedSlateIndependentIPS(len_list=SLOTS).estimate_policy_value(**log, **in_slot),
            "cascadeDoublyRobust": SlateCascadeDoublyRobust(len_list=SLOTS, n_unique_action=ITEMS).estimate_policy_value(
                **log, **down_to, action=action, q_hat=q_hat, evaluation_policy_action_dist=choices
            ),
            **single_slot(single, distribution, expected),
        },
    }


def single_slot(log, distribution, expected):
    return {
        "ips": InverseProbabilityWeighting().estimate_policy_value(**log, action_dist=distribution),
        "snips": SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**log, action_dist=distribution),
        "doublyRobust": DoublyRobust().estimate_policy_value(
            **log, action_dist=distribution, estimated_rewards_by_reg_model=expected
        ),
    }


def open_bandit(folder):
    def read(policy):
        with gzip.open(join(folder, f"obd-{policy}-all.csv.gz")) as file:
            return pd.read_csv(io.BytesIO(file.read()))

    logs = {policy: read(policy) for policy in ("random", "bts")}
    items = 80

    def counts(log, by=None):
        table = np.zeros((items, SLOTS))
        np.add.at(table, (log.item_id.values, log.position.values - 1), 1 if by is None else log[by].values)
        return table

    shown = counts(logs["bts"])
    policies = {"bts": (shown + 1) / (shown.sum(axis=0) + items), "random": np.full((items, SLOTS), 1 / items)}
    estimates = {}
    for logged, target in (("random", "bts"), ("bts", "random")):
        log = logs[logged]
        model = (counts(log, "click") + 1) / (counts(log) + 200)
        rows = len(log)
        estimates[f"{target} on the log of {logged}"] = single_slot(
            {
                "reward": log.click.values.astype(float),
                "action": log.item_id.values,
                "position": log.position.values - 1,
                "pscore": log.propensity_score.values,
            },
            np.broadcast_to(policies[target], (rows, items, SLOTS)),
            np.broadcast_to(model, (rows, items, SLOTS)),
        )
    return estimates


json.dump({"obp": "0.5.5", "simulated": simulated(), "openBandit": open_bandit(sys.argv[1])}, sys.stdout, indent=1)
print()
