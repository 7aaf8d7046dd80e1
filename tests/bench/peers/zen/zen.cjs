// ZEN among copse's peers: a decision table, hit policy "first", whose last row takes what no other does.
//
//     node zen.cjs MODULES CORPUS
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");

const [modules, corpus] = process.argv.slice(2);
const { ZenEngine } = require(path.join(modules, "@gorules/zen-engine-linux-x64-gnu"));

const FIELDS = ["type", "dataSource", "tags.team", "tags.tier"];

/** A rule's line as a row of the table: an empty cell is any value. */
function row(fields, number) {
  const cells = fields.map((values, i) => [FIELDS[i], values.split(",").filter(Boolean).map((text) => `"${text}"`).join(", ")]);
  return { _id: `row${number}`, ...Object.fromEntries(cells), rule: String(number) };
}

function table(rules) {
  const node = (id, type, content) => ({ id, name: id, type, position: { x: 0, y: 0 }, ...(content && { content }) });
  const content = {
    hitPolicy: "first",
    inputs: FIELDS.map((field) => ({ id: field, name: field, field, type: "expression" })),
    outputs: [{ id: "rule", name: "rule", field: "rule", type: "expression" }],
    rules: [...rules.map(row), row(["", "", "", ""], rules.length)],
  };
  return {
    nodes: [node("in", "inputNode"), node("table", "decisionTableNode", content), node("out", "outputNode")],
    edges: [["in", "table"], ["table", "out"]].map(([sourceId, targetId]) => ({ id: sourceId, type: "edge", sourceId, targetId })),
  };
}

function input([type, dataSource, team, tier]) {
  return { type, dataSource, tags: { ...(team && { team }), ...(tier && { tier }) } };
}

async function main() {
  const lines = fs.readFileSync(corpus, "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
  const of = (kind) => lines.filter(([first]) => first === kind).map((fields) => fields.slice(1));
  const decision = new ZenEngine().createDecision(Buffer.from(JSON.stringify(table(of("rule")))));
  const tasks = of("task").map(input);
  const decide = async (task) => (await decision.evaluate(tasks[task])).result.rule;
  console.log("ready");
  for await (const question of readline.createInterface({ input: process.stdin })) {
    const [what, count, rounds] = question.split(" ");
    if (what === "answer") {
      const answers = [];
      for (let task = 0; task < count; ++task) answers.push(await decide(task));
      console.log(answers.join(" "));
      continue;
    }
    let sum = 0;
    const begin = process.hrtime.bigint();
    for (let round = 0; round < rounds; ++round) {
      for (let task = 0; task < count; ++task) sum += await decide(task);
    }
    console.log(`${process.hrtime.bigint() - begin} ${sum}`);
  }
}

main();
