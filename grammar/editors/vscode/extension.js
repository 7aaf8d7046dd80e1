const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const server = { command: workspace.getConfiguration("copse").get("path"), args: ["lsp"] };
  client = new LanguageClient("copse", server, { documentSelector: [{ language: "copse" }] });
  return client.start();
};

exports.deactivate = () => client?.stop();
