"""The rules and tasks that all engines are asked about, made from a seed, and the plain oracle of their answers.

Rules are as a large installation would have them: four of five name one to three datasources, four of five one to three
task types, two of five a tag. A rule without a datasource names a team and types, so that none of them takes most tasks
and the rule that wins may stand anywhere. There are as many datasources as rules, and a team for ten rules. Of three
tasks two are made to fit some rule, the third is drawn at random.
"""

import random

SEED = 20261127
TASKS = 1000
SPREAD = 617  # about the golden section of TASKS, and has no divisor with it
TYPES = (
    "index_kafka", "index_kinesis", "index_parallel", "single_phase_sub_task", "partial_index_generate",
    "partial_range_index_generate", "partial_index_generic_merge", "partial_dimension_distribution",
    "partial_dimension_cardinality", "index", "compact", "kill", "query_controller", "query_worker", "noop", "index_hadoop")
TIERS = ("gold", "silver", "bronze")
TYPE, DATA_SOURCE, TEAM, TIER = ATTRIBUTES = range(4)


class Corpus:
    """`rules`: a list of texts an attribute, empty for any; `tasks`: a text an attribute, empty for none; `answers`: for each
    task the number of the rule that takes it, or the number of rules."""

    def __init__(self, size):
        self._random = random.Random(SEED + size)
        self._texts = (
            TYPES, tuple(f"datasource_{n}" for n in range(max(size, 4))),
            tuple(f"team_{n}" for n in range(max(size // 10, 4))), TIERS)
        self.rules = [self._rule() for _ in range(size)]
        # WHY in this order: the first few tasks, all that a slow engine is asked, are spread evenly over what wins.
        decided = sorted((self._first(*task), task) for task in (self._task() for _ in range(TASKS)))
        self.answers, self.tasks = zip(*(decided[(TASKS // 2 + n * SPREAD) % TASKS] for n in range(TASKS)))

    def _first(self, type_, source, team, tier):
        """The plain oracle: the number of the first rule that matches, or the number of rules."""
        for number, (types, sources, teams, tiers) in enumerate(self.rules):
            if ((not sources or source in sources) and (not types or type_ in types)
                    and (not teams or team in teams) and (not tiers or tier in tiers)):
                return number
        return len(self.rules)

    def write(self, path):
        """A line a rule, then a line a task: fields divided by tabs, values of a set by commas."""
        with open(path, "w") as file:
            for rule in self.rules:
                print("rule", *(",".join(values) for values in rule), sep="\t", file=file)
            for task in self.tasks:
                print("task", *task, sep="\t", file=file)

    def _some(self, attribute, most):
        return sorted({self._random.choice(self._texts[attribute]) for _ in range(self._random.randint(1, most))})

    def _rule(self):
        rule = [[] for _ in ATTRIBUTES]
        chance = self._random.random
        if chance() < 0.8:
            rule[DATA_SOURCE] = self._some(DATA_SOURCE, 3)
            if chance() < 0.75:
                rule[TYPE] = self._some(TYPE, 3)
            if chance() < 0.25:
                tag = self._random.choice((TEAM, TIER))
                rule[tag] = self._some(tag, 2)
        else:
            rule[TYPE], rule[TEAM] = self._some(TYPE, 3), self._some(TEAM, 2)
        return rule

    def _task(self):
        task = [self._random.choice(texts) for texts in self._texts]
        for tag in (TEAM, TIER):
            if self._random.random() < 0.3:
                task[tag] = ""
        if self._random.random() < 2 / 3:
            rule = self._random.choice(self.rules)
            task = [self._random.choice(values) if values else text for values, text in zip(rule, task)]
        return task
