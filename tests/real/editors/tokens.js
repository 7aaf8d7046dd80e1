// Takes texts apart by a TextMate grammar, as VS Code does: a line of JSON for each file, its lines as lists of [text, scopes].
//
//   NODE_PATH=MODULES node tokens.js GRAMMAR FILE…
const fs = require("fs");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

async function main(grammarFile, files) {
  await oniguruma.loadWASM(fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const raw = parseRawGrammar(fs.readFileSync(grammarFile, "utf8"), grammarFile);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => raw,
  });
  const grammar = await registry.loadGrammar(raw.scopeName);
  for (const file of files) {
    let state = INITIAL;
    const lines = fs.readFileSync(file, "utf8").split("\n").map((line) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
      state = ruleStack;
      return tokens.map((token) => [line.slice(token.startIndex, token.endIndex), token.scopes.slice(1)]);
    });
    console.log(JSON.stringify(lines));
  }
}

main(process.argv[2], process.argv.slice(3));
