// Package peer has what the engines in Go share: the rules and tasks that `run` wrote, and its questions.
package peer

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// Attributes names the fields of rules and tasks, in their order.
var Attributes = []string{"type", "dataSource", "team", "tier"}

// Corpus has a text an attribute: of a rule its values divided by commas, empty for any; of a task its value, empty for none.
type Corpus struct {
	Rules, Tasks [][]string
}

// Read reads the corpus that the program's argument names.
func Read() Corpus {
	file, err := os.ReadFile(os.Args[1])
	Must(err)
	var corpus Corpus
	for _, line := range strings.Split(strings.TrimSuffix(string(file), "\n"), "\n") {
		fields := strings.Split(line, "\t")
		if fields[0] == "rule" {
			corpus.Rules = append(corpus.Rules, fields[1:])
		} else {
			corpus.Tasks = append(corpus.Tasks, fields[1:])
		}
	}
	return corpus
}

// Quoted gives a rule's values as quoted texts divided by commas.
func Quoted(values string) string {
	return `"` + strings.ReplaceAll(values, ",", `", "`) + `"`
}

// Input gives a task as a document: the tags are an object of their own, what is absent is not there.
func Input(task []string) map[string]any {
	tags := map[string]any{}
	for i, tag := range Attributes[2:] {
		if task[2+i] != "" {
			tags[tag] = task[2+i]
		}
	}
	return map[string]any{"type": task[0], "dataSource": task[1], "tags": tags}
}

// Answer answers questions until there is none left; decide gives the number of the rule that takes the task of a number.
func Answer(decide func(task int) int) {
	fmt.Println("ready")
	for questions := bufio.NewScanner(os.Stdin); questions.Scan(); {
		var what string
		var tasks, rounds int
		fmt.Sscan(questions.Text(), &what, &tasks, &rounds)
		if what == "answer" {
			for task := range tasks {
				fmt.Print(decide(task), " ")
			}
			fmt.Println()
			continue
		}
		sum := 0
		begin := time.Now()
		for range rounds {
			for task := range tasks {
				sum += decide(task)
			}
		}
		fmt.Println(time.Since(begin).Nanoseconds(), sum)
	}
}

// Must ends the program at an error.
func Must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
