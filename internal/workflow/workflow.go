// Package workflow describes how things move from state to state, as tables.
//
// A Table is pure data: nothing here reads a clock or a database, and nothing
// knows the field. From one table come the guard on a move, the actions that a
// response offers to the asker, the routes and OpenAPI operations, the matrix
// of the authorisation tests and the diagram in the docs. So a rule stands in
// one place, and a new action is one row.
package workflow

import (
	"fmt"
	"reflect"
	"slices"

	"yanlu/internal/calendar"
)

// Status names a state, in the capitals that are stored ("SUBMITTED").
type Status string

// Party names who may act or who holds the ball: a role that somebody has been
// appointed to, or a relation to the one thing at hand ("AUTHOR").
type Party string

// State is one row of the list of states.
type State struct {
	Name  Status
	Label string // what people read: "待审核"
	// Holder is whose turn it is while the state lasts; empty where nobody of
	// this table is waited for, because the thing is at its end or because
	// another table holds the ball meanwhile.
	Holder Party
	// Clock is the deadline that begins when the state is entered and is met
	// when it is left; the zero Clock is none.
	Clock Clock
}

// Clock is a kind of deadline with its default length. An institution may set
// another length for the same kind.
type Clock struct {
	Kind  string // "review"
	Label string // "审核"
	Span  calendar.Span
	// Public tells whether the thing's members see it run; a clock of the
	// office's own work is the office's.
	Public bool
	// Carries marks a clock that was started before the state was entered and
	// goes on in it: the time to reply runs from the dispatch, not from the
	// signing. Entering the state again takes it up where it was.
	Carries bool
}

// Rule is one row of the table: an action, where it leads, and who may take it.
type Rule struct {
	Action string // as in the route: "accept"
	Label  string // on the button: "受理"
	// From lists the states in which the action may be taken. It is empty for
	// the action that brings the thing into being.
	From []Status
	// To lists the states it may lead to. With more than one, the effect of the
	// action decides.
	To []Status
	// Who lists the parties that may take it. Empty means that no person does:
	// the system takes it when something else is done.
	Who []Party
	// Input is a zero value of the struct that the action takes as its JSON
	// body. It embeds Seen, or Reasoned where a reason is due.
	Input Input
	// Public tells whether the thing's members read of it in the timeline.
	Public bool
}

// Input is what an action takes. Seen and Reasoned implement it, so that
// embedding one of them is enough.
type Input interface {
	// SeenVersion is the version of the thing that the actor looked at.
	SeenVersion() int64
	// GivenReason is the reason of the actor, empty where none was due.
	GivenReason() string
}

// Seen is the part that every action has: the version that the actor saw. A
// move from another version is refused as stale.
type Seen struct {
	Version int64 `json:"version" minimum:"1" example:"1" doc:"您看到的版本号；他人先行处理后会要求刷新" label:"版本" widget:"hidden"`
}

// SeenVersion returns the version that the actor looked at.
func (s Seen) SeenVersion() int64 { return s.Version }

// GivenReason returns nothing: no reason was due.
func (Seen) GivenReason() string { return "" }

// Reasoned is Seen for an action that ends or bounces a thing: 1–500 characters
// of reason are due.
type Reasoned struct {
	Seen
	Reason string `json:"reason" minLength:"1" maxLength:"500" example:"内容与已受理的建议重复，已告知本人。" doc:"理由，会告知当事人" label:"理由" widget:"textarea"`
}

// GivenReason returns the reason that the actor gave.
func (r Reasoned) GivenReason() string { return r.Reason }

// NeedsReason reports whether a reason is due for the action.
func (r Rule) NeedsReason() bool {
	if r.Input == nil {
		return false
	}
	_, ok := reflect.TypeOf(r.Input).FieldByName("Reason")
	return ok
}

// Table is the whole life of one kind of thing.
type Table struct {
	Name   string // in routes and documents: "suggestion"
	Label  string // "微建议"
	States []State
	Rules  []Rule
}

// State returns the row of a state.
func (t Table) State(name Status) (State, bool) {
	i := slices.IndexFunc(t.States, func(s State) bool { return s.Name == name })
	if i < 0 {
		return State{}, false
	}
	return t.States[i], true
}

// Rule returns the row of an action.
func (t Table) Rule(action string) (Rule, bool) {
	i := slices.IndexFunc(t.Rules, func(r Rule) bool { return r.Action == action })
	if i < 0 {
		return Rule{}, false
	}
	return t.Rules[i], true
}

// LabelOf returns the words for a state, or its name where the table has none.
func (t Table) LabelOf(name Status) string {
	if s, ok := t.State(name); ok {
		return s.Label
	}
	return string(name)
}

// Refusal says why a move is not allowed.
type Refusal int

// The refusals, in the order in which they are looked for.
const (
	Granted  Refusal = iota // the move is allowed
	Unknown                 // the table has no such action
	NotYours                // no party of the asker may take it in any state
	NotNow                  // the state does not allow it
)

// Allow tells whether one who is all of parties may take an action in a state.
func (t Table) Allow(action string, in Status, parties []Party) (Rule, Refusal) {
	r, ok := t.Rule(action)
	switch {
	case !ok:
		return Rule{}, Unknown
	case !r.takes(parties):
		return r, NotYours
	case len(r.From) > 0 && !slices.Contains(r.From, in), len(r.From) == 0 && in != "":
		return r, NotNow
	}
	return r, Granted
}

// Offered lists the rules that one who is all of parties may take now, in the
// order of the table. A thing's response offers just these.
func (t Table) Offered(in Status, parties []Party) []Rule {
	var offered []Rule
	for _, r := range t.Rules {
		if len(r.From) == 0 {
			continue // bringing into being is not offered on what is already there
		}
		if _, refusal := t.Allow(r.Action, in, parties); refusal == Granted {
			offered = append(offered, r)
		}
	}
	return offered
}

func (r Rule) takes(parties []Party) bool {
	return slices.ContainsFunc(r.Who, func(p Party) bool { return slices.Contains(parties, p) })
}

// Check reports the first thing that is wrong with the table itself: a state
// that no row names, one that cannot be reached, an action without an input, a
// name used twice. A program that builds its tables from constants panics on it
// at start.
func (t Table) Check() error {
	reached := map[Status]bool{}
	for _, r := range t.Rules {
		if err := t.checkRule(r); err != nil {
			return fmt.Errorf("workflow %s: action %q: %w", t.Name, r.Action, err)
		}
		for _, s := range r.To {
			reached[s] = true
		}
	}
	for i, s := range t.States {
		if first, _ := t.State(s.Name); i != slices.IndexFunc(t.States, func(o State) bool { return o.Name == first.Name }) {
			return fmt.Errorf("workflow %s: state %s stands twice", t.Name, s.Name)
		}
		if s.Holder != "" && s.Clock.Kind == "" {
			return fmt.Errorf("workflow %s: state %s has a holder and no clock", t.Name, s.Name)
		}
		if !reached[s.Name] {
			return fmt.Errorf("workflow %s: no action leads to state %s", t.Name, s.Name)
		}
	}
	return nil
}

func (t Table) checkRule(r Rule) error {
	n := 0
	for _, o := range t.Rules {
		if o.Action == r.Action {
			n++
		}
	}
	switch {
	case n > 1:
		return fmt.Errorf("stands %d times", n)
	case r.Label == "":
		return fmt.Errorf("has no label")
	case len(r.To) == 0:
		return fmt.Errorf("leads nowhere")
	case len(r.Who) > 0 && r.Input == nil:
		return fmt.Errorf("is taken by people but has no input")
	}
	for _, s := range slices.Concat(r.From, r.To) {
		if _, ok := t.State(s); !ok {
			return fmt.Errorf("names the unknown state %s", s)
		}
	}
	return nil
}
