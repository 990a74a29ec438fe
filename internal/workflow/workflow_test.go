package workflow_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/calendar"
	"yanlu/internal/workflow"
)

type (
	status = workflow.Status
	party  = workflow.Party
)

type plain struct{ workflow.Seen }

type reasoned struct{ workflow.Reasoned }

// lifts is a table of its own for these tests: a lift is ordered, repaired or
// given up, and inspected.
func lifts() workflow.Table {
	return workflow.Table{
		Name: "lift", Label: "电梯",
		States: []workflow.State{
			{Name: "BROKEN", Label: "待修", Holder: "FITTER", Clock: workflow.Clock{Kind: "repair", Label: "修理", Span: calendar.WorkingDays(3)}},
			{Name: "RUNS", Label: "运行"},
			{Name: "CLOSED", Label: "停用"},
		},
		Rules: []workflow.Rule{
			{Action: "report", Label: "报修", To: []status{"BROKEN"}, Who: []party{"TENANT"}, Input: plain{}, Audience: workflow.Everyone},
			{Action: "repair", Label: "修复", From: []status{"BROKEN"}, To: []status{"RUNS", "BROKEN"}, Who: []party{"FITTER"}, Input: plain{}},
			{Action: "close", Label: "封停", From: []status{"BROKEN", "RUNS"}, To: []status{"CLOSED"}, Who: []party{"OWNER", "FITTER"}, Input: reasoned{}},
			{Action: "wear", Label: "磨损", From: []status{"RUNS"}, To: []status{"BROKEN"}},
		},
	}
}

func TestCheckFindsEachMistake(t *testing.T) {
	t.Parallel()
	if err := lifts().Check(); err != nil {
		t.Fatalf("a table without a mistake: %v", err)
	}
	rule := func(t *workflow.Table, action string) *workflow.Rule {
		return &t.Rules[slices.IndexFunc(t.Rules, func(r workflow.Rule) bool { return r.Action == action })]
	}
	cases := map[string]struct {
		spoil func(t *workflow.Table)
		want  []string // what the error must name
	}{
		"an action that stands twice":         {func(t *workflow.Table) { rule(t, "close").Action = "repair" }, []string{`"repair"`, "2 times"}},
		"an action without a label":           {func(t *workflow.Table) { rule(t, "close").Label = "" }, []string{`"close"`, "label"}},
		"an action that nothing follows":      {func(t *workflow.Table) { rule(t, "repair").Then = "melt" }, []string{`"repair"`, `"melt"`}},
		"one followed by what may not be yet": {func(t *workflow.Table) { rule(t, "report").Then = "close" }, []string{`"report"`, `"close"`}},
		"an action that leads nowhere":        {func(t *workflow.Table) { rule(t, "report").To = nil }, []string{`"report"`, "nowhere"}},
		"a clock that runs out into nothing":  {func(t *workflow.Table) { t.States[0].Clock.Then = "melt" }, []string{"BROKEN", `"melt"`}},
		"a clock that takes people's action":  {func(t *workflow.Table) { t.States[0].Clock.Then = "repair" }, []string{"BROKEN", `"repair"`}},
		"an action of people without input":   {func(t *workflow.Table) { rule(t, "close").Input = nil }, []string{`"close"`, "input"}},
		"an action from an unknown state":     {func(t *workflow.Table) { rule(t, "close").From = []status{"RUNS", "FLIES"} }, []string{`"close"`, "FLIES"}},
		"an action to an unknown state":       {func(t *workflow.Table) { rule(t, "close").To = []status{"CLOSED", "FLIES"} }, []string{`"close"`, "FLIES"}},
		"a state that stands twice":           {func(t *workflow.Table) { t.States[2].Name = "RUNS" }, []string{"CLOSED"}},
		"a state that stands twice, all used": {func(t *workflow.Table) { t.States = append(t.States, t.States[0]) }, []string{"BROKEN", "twice"}},
		"a state that nothing leads to":       {func(t *workflow.Table) { t.States = append(t.States, workflow.State{Name: "LOST"}) }, []string{"LOST"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := lifts()
			c.spoil(&table)
			err := table.Check()
			if err == nil {
				t.Fatal("it is not found")
			}
			for _, word := range append(c.want, "lift") {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error does not name %s: %v", word, err)
				}
			}
		})
	}
}

func TestAllowTellsWhyNot(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		action  string
		in      status
		parties []party
		want    workflow.Refusal
	}{
		"it is granted":                               {"repair", "BROKEN", []party{"TENANT", "FITTER"}, workflow.Granted},
		"one of several states is right":              {"close", "RUNS", []party{"OWNER"}, workflow.Granted},
		"one of several parties is right":             {"close", "RUNS", []party{"FITTER"}, workflow.Granted},
		"bringing into being":                         {"report", "", []party{"TENANT"}, workflow.Granted},
		"bringing into being what is there":           {"report", "RUNS", []party{"TENANT"}, workflow.NotNow},
		"bringing into being as another":              {"report", "", []party{"FITTER"}, workflow.NotYours},
		"an unknown action":                           {"paint", "RUNS", []party{"OWNER"}, workflow.Unknown},
		"no action":                                   {"", "", []party{"OWNER"}, workflow.Unknown},
		"another's action":                            {"repair", "BROKEN", []party{"TENANT", "OWNER"}, workflow.NotYours},
		"another's action in another state":           {"repair", "RUNS", []party{"TENANT"}, workflow.NotYours},
		"nobody's":                                    {"repair", "BROKEN", nil, workflow.NotYours},
		"one's own in another state":                  {"repair", "RUNS", []party{"FITTER"}, workflow.NotNow},
		"one's own in no state":                       {"repair", "", []party{"FITTER"}, workflow.NotNow},
		"one's own in an unknown state":               {"repair", "FLIES", []party{"FITTER"}, workflow.NotNow},
		"the system's action is nobody's":             {"wear", "RUNS", []party{"TENANT", "FITTER", "OWNER", ""}, workflow.NotYours},
		"the system's action in another state either": {"wear", "CLOSED", []party{"OWNER"}, workflow.NotYours},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule, got := lifts().Allow(c.action, c.in, c.parties)
			if got != c.want {
				t.Errorf("it is %d, want %d", got, c.want)
			}
			if want, _ := lifts().Rule(c.action); rule.Action != want.Action {
				t.Errorf("the rule is %q", rule.Action)
			}
		})
	}
}

func actions(rules []workflow.Rule) []string {
	var names []string
	for _, r := range rules {
		names = append(names, r.Action)
	}
	return names
}

func TestOfferedIsWhatMayBeDoneNow(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		in      status
		parties []party
		want    []string
	}{
		"in the order of the table":            {"BROKEN", []party{"OWNER", "FITTER"}, []string{"repair", "close"}},
		"one's own alone":                      {"BROKEN", []party{"OWNER"}, []string{"close"}},
		"nothing of the system's":              {"RUNS", []party{"FITTER"}, []string{"close"}},
		"nothing that brings into being":       {"", []party{"TENANT"}, nil},
		"nothing at the end":                   {"CLOSED", []party{"TENANT", "FITTER", "OWNER"}, nil},
		"nothing to nobody":                    {"BROKEN", nil, nil},
		"nothing in a state that there is not": {"FLIES", []party{"OWNER"}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, actions(lifts().Offered(c.in, c.parties))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheUsualIsOfferedFirst(t *testing.T) {
	t.Parallel()
	table := lifts()
	table.Rules[2].Usual = true // to close it
	if diff := cmp.Diff([]string{"close", "repair"}, actions(table.Offered("BROKEN", []party{"FITTER"}))); diff != "" {
		t.Error(diff)
	}
	table.Rules[2].To = append(table.Rules[2].To, "BROKEN") // which leads on no more
	if diff := cmp.Diff([]string{"repair", "close"}, actions(table.Offered("BROKEN", []party{"FITTER"}))); diff != "" {
		t.Error(diff)
	}
}

// random makes a table at random, without caring whether it makes sense.
func random(r *rand.Rand) (workflow.Table, []status, []party) {
	states := []status{"A", "B", "C", "D"}
	parties := []party{"P", "Q", "R"}
	var table workflow.Table
	for _, s := range states {
		table.States = append(table.States, workflow.State{Name: s})
	}
	some := func(n int) []int { return r.Perm(n)[:r.IntN(n+1)] }
	for i := range r.IntN(8) {
		rule := workflow.Rule{Action: fmt.Sprint("act", i)}
		for _, s := range some(len(states)) {
			rule.From = append(rule.From, states[s])
		}
		for _, p := range some(len(parties)) {
			rule.Who = append(rule.Who, parties[p])
		}
		table.Rules = append(table.Rules, rule)
	}
	return table, append(states, "", "UNKNOWN"), parties
}

// TestOfferedAndAllowedAreTheSame holds for tables at random, in every state,
// for everybody: what is offered is granted, and what is granted on something
// that is there is offered. What is refused in every state to somebody is
// another's.
func TestOfferedAndAllowedAreTheSame(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		table, states, parties := random(r)
		for set := range 1 << len(parties) {
			var mine []party
			for i, p := range parties {
				if set&(1<<i) != 0 {
					mine = append(mine, p)
				}
			}
			for _, in := range states {
				var granted []string
				for _, rule := range table.Rules {
					_, refusal := table.Allow(rule.Action, in, mine)
					if refusal == workflow.Granted && len(rule.From) > 0 {
						granted = append(granted, rule.Action)
					}
					if yours := slices.ContainsFunc(rule.Who, func(p party) bool { return slices.Contains(mine, p) }); yours == (refusal == workflow.NotYours) {
						t.Fatalf("%s in %q to %v is %d, and theirs is %t", rule.Action, in, mine, refusal, yours)
					}
				}
				if diff := cmp.Diff(granted, actions(table.Offered(in, mine))); diff != "" {
					t.Fatalf("in %q to %v of %+v: %s", in, mine, table.Rules, diff)
				}
			}
		}
	}
}

func TestAReasonIsDueWhereTheInputHasOne(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]bool{"report": false, "repair": false, "close": true, "wear": false} {
		rule, ok := lifts().Rule(action)
		if !ok || rule.NeedsReason() != want {
			t.Errorf("%s needs a reason: %t, want %t", action, rule.NeedsReason(), want)
		}
	}
	in := reasoned{workflow.Reasoned{Seen: workflow.Seen{Version: 7}, Reason: "钢缆断了"}}
	if in.GivenReason() != "钢缆断了" || in.SeenVersion() != 7 {
		t.Errorf("the input gives %q from version %d", in.GivenReason(), in.SeenVersion())
	}
	if in := (plain{workflow.Seen{Version: 3}}); in.GivenReason() != "" || in.SeenVersion() != 3 {
		t.Errorf("an input without a reason gives %q from version %d", in.GivenReason(), in.SeenVersion())
	}
}

func TestTablesAreLookedUp(t *testing.T) {
	t.Parallel()
	table := lifts()
	if s, ok := table.State("RUNS"); !ok || s.Label != "运行" || table.LabelOf("RUNS") != "运行" {
		t.Errorf("the state is %+v, %t", s, ok)
	}
	if s, ok := table.State("FLIES"); ok || s.Name != "" || table.LabelOf("FLIES") != "FLIES" {
		t.Errorf("a state that there is not is %+v", s)
	}
	if r, ok := table.Rule("paint"); ok || r.Action != "" {
		t.Errorf("an action that there is not is %+v", r)
	}
	for s, want := range map[status]bool{"BROKEN": false, "RUNS": false, "CLOSED": true} {
		if table.Ends(s) != want {
			t.Errorf("%s ends: %t, want %t", s, !want, want)
		}
	}
}

// TestTheDocsNameEverything holds that the diagram has every state and every
// arrow, and the list every state, action, party, clock and reason.
func TestTheDocsNameEverything(t *testing.T) {
	t.Parallel()
	table := lifts()
	diagram, markdown := table.Diagram(), table.Markdown()
	if !strings.HasPrefix(diagram, "```mermaid\nstateDiagram-v2\n") || !strings.HasSuffix(diagram, "```\n") {
		t.Errorf("no Mermaid: %s", diagram)
	}
	arrows := 0
	has := func(text, line string) {
		t.Helper()
		if strings.Count(text, "    "+line+"\n") != 1 {
			t.Errorf("%q is not once in\n%s", line, text)
		}
	}
	for _, s := range table.States {
		has(diagram, fmt.Sprintf("%s: %s", s.Name, s.Label))
		if !strings.Contains(markdown, fmt.Sprintf("| %s | %s | %s |", s.Name, s.Label, s.Holder)) {
			t.Errorf("the list has not %s:\n%s", s.Name, markdown)
		}
	}
	for _, r := range table.Rules {
		from := r.From
		if len(from) == 0 {
			from = []status{"[*]"}
		}
		for _, f := range from {
			for _, to := range r.To {
				arrows++
				has(diagram, fmt.Sprintf("%s --> %s: %s", f, to, r.Label))
			}
		}
		if !strings.Contains(markdown, fmt.Sprintf("| %s | %s |", r.Action, r.Label)) {
			t.Errorf("the list has not %s:\n%s", r.Action, markdown)
		}
	}
	has(diagram, "CLOSED --> [*]")
	if n := strings.Count(diagram, "-->"); n != arrows+1 {
		t.Errorf("the diagram has %d arrows, want %d", n, arrows+1)
	}
	for _, want := range []string{
		"## 电梯 (lift)", diagram, "| BROKEN | 待修 | FITTER | repair, 3个工作日 |", "| RUNS | 运行 |  |  |",
		"| close | 封停 | BROKEN, RUNS | CLOSED | OWNER, FITTER | yes |", "| repair | 修复 | BROKEN | RUNS, BROKEN | FITTER | no |",
		"| wear | 磨损 | RUNS | BROKEN | (the system) | no |", "| report | 报修 |  | BROKEN | TENANT | no |",
	} {
		if !strings.Contains(markdown, want) {
			t.Errorf("the list has not %q:\n%s", want, markdown)
		}
	}
}
