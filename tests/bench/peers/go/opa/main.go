// OPA among copse's peers: a rule adds its number to a partial set, so that OPA's index can do its work; the smallest wins.
//
//	opa CORPUS
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"copse/peers/peer"
)

var references = []string{"input.type", "input.dataSource", "input.tags.team", "input.tags.tier"}

func module(rules [][]string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "package copse\n\ndefault rule := %d\n\nrule := min(matching)\n", len(rules))
	for number, rule := range rules {
		fmt.Fprintf(&text, "\nmatching contains %d if {\n", number)
		for i, values := range rule {
			if values != "" {
				fmt.Fprintf(&text, "\t%s in {%s}\n", references[i], peer.Quoted(values))
			}
		}
		text.WriteString("}\n")
	}
	return text.String()
}

func main() {
	corpus := peer.Read()
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.copse.rule"), rego.Module("copse.rego", module(corpus.Rules))).PrepareForEval(ctx)
	peer.Must(err)
	var inputs []ast.Value
	for _, task := range corpus.Tasks {
		input, err := ast.InterfaceToValue(peer.Input(task))
		peer.Must(err)
		inputs = append(inputs, input)
	}
	peer.Answer(func(task int) int {
		results, err := query.Eval(ctx, rego.EvalParsedInput(inputs[task]))
		peer.Must(err)
		rule, err := results[0].Expressions[0].Value.(json.Number).Int64()
		peer.Must(err)
		return int(rule)
	})
}
