// Reads lines of JSON strings, PromQL expressions, and answers each with what Prometheus' own grammar finds wrong in it.
const { parser } = require(process.argv[2] + "/node_modules/@prometheus-io/lezer-promql");
const lines = require("fs").readFileSync(0, "utf-8").split("\n").filter(Boolean);
for (const line of lines) {
  const text = JSON.parse(line);
  const wrong = [];
  parser.parse(text).iterate({ enter: (node) => { if (node.type.isError) wrong.push(text.slice(node.from, node.to + 12)); } });
  console.log(JSON.stringify(wrong));
}
