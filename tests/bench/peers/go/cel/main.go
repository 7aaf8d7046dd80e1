// cel-go among copse's peers: a compiled program a rule, asked in the order of the rules until one says yes.
//
//	cel CORPUS
package main

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"

	"copse/peers/peer"
)

var tests = []string{"type in [%s]", "dataSource in [%s]", `"team" in tags && tags.team in [%s]`, `"tier" in tags && tags.tier in [%s]`}

func expression(rule []string) string {
	var asked []string
	for i, values := range rule {
		if values != "" {
			asked = append(asked, fmt.Sprintf(tests[i], peer.Quoted(values)))
		}
	}
	return strings.Join(asked, " && ")
}

func program(env *cel.Env, rule []string) cel.Program {
	compiled, issues := env.Compile(expression(rule))
	peer.Must(issues.Err())
	program, err := env.Program(compiled, cel.EvalOptions(cel.OptOptimize))
	peer.Must(err)
	return program
}

func main() {
	corpus := peer.Read()
	env, err := cel.NewEnv(
		cel.Variable("type", cel.StringType),
		cel.Variable("dataSource", cel.StringType),
		cel.Variable("tags", cel.MapType(cel.StringType, cel.StringType)))
	peer.Must(err)
	var programs []cel.Program
	for _, rule := range corpus.Rules {
		programs = append(programs, program(env, rule))
	}
	var activations []cel.Activation
	for _, task := range corpus.Tasks {
		activation, err := cel.NewActivation(peer.Input(task))
		peer.Must(err)
		activations = append(activations, activation)
	}
	peer.Answer(func(task int) int {
		for number, program := range programs {
			answer, _, err := program.Eval(activations[task])
			peer.Must(err)
			if answer.Value() == true {
				return number
			}
		}
		return len(programs)
	})
}
