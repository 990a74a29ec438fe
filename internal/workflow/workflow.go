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
	// Runs lists the kinds of other clocks that go on while the state lasts: what
	// a unit asks for meanwhile does not stop the time in which it has to answer.
	// Every other clock is met when the state is entered.
	Runs []string
	// Done marks a state in which the thing has come to its end although it can
	// still be filed away, or taken up again. A state that no action leads on from
	// needs no mark.
	Done bool
}

// GoesOn lists the kinds of the clocks that are not met when the state is
// entered.
func (s State) GoesOn() []string {
	if s.Clock.Carries {
		return append([]string{s.Clock.Kind}, s.Runs...)
	}
	return s.Runs
}

// Clock is a kind of deadline with its default length. An institution may set
// another length for the same kind.
type Clock struct {
	Kind  string // "review"
	Label string // "审核"
	// Waits is what a queue calls what waits for it: "待审核". Empty: 待 and the
	// label; Awaited gives it.
	Waits string
	Span  calendar.Span
	// Urgent is how long it runs for what is urgent (急事急报); the zero Span: as
	// long as for all else. An institution sets it under UrgentKind.
	Urgent calendar.Span
	// Public tells whether the thing's members see it run; a clock of the
	// office's own work is the office's.
	Public bool
	// Carries marks a clock that was started before the state was entered and
	// goes on in it: the time to reply runs from the dispatch, not from the
	// signing. Entering the state again takes it up where it was.
	Carries bool
	// Then is the action that the system takes when the time is over; empty
	// where running out only makes it overdue.
	Then string
	// Alone lets the system take it also where others depend on the thing: each of
	// them has its own.
	Alone bool
}

// Awaited is what a queue calls what waits for the clock: "待审核".
func (c Clock) Awaited() string {
	if c.Waits != "" {
		return c.Waits
	}
	return "待" + c.Label
}

// UrgentKind is under which name an institution sets how long the clock runs for
// what is urgent.
func (c Clock) UrgentKind() string { return c.Kind + "_urgent" }

// For returns the clock as it runs for a thing: for an urgent one, where that is
// another length, with the span and the name of it.
func (c Clock) For(urgent bool) Clock {
	if urgent && c.Urgent.Count > 0 {
		c.Kind, c.Span = c.UrgentKind(), c.Urgent
	}
	return c
}

// Audience is who reads a line of the timeline.
type Audience string

// The audiences, from the widest.
const (
	Everyone Audience = "EVERYONE" // who may see the thing: its members as well
	Handlers Audience = "HANDLERS" // who works on it: the office and the units
	Office   Audience = "OFFICE"   // the office alone: an internal note
)

// Rule is one row of the table: an action, where it leads, and who may take it.
type Rule struct {
	Action string // as in the route: "accept"
	Label  string // on the button: "受理"
	// From lists the states in which the action may be taken. It is empty for
	// the action that brings the thing into being.
	From []Status
	// To lists the states it may lead to. With more than one, the effect of the
	// action decides. It is empty for an action that leaves the state as it is:
	// clocks and turns then stay what they are, and so does the version.
	To []Status
	// Who lists the parties that may take it. Empty means that no person does:
	// the system takes it when something else is done.
	Who []Party
	// Input is a zero value of the struct that the action takes as its JSON
	// body. It embeds Seen, or Reasoned where a reason is due.
	Input Input
	// Audience is who reads of it in the timeline; empty stands for Handlers.
	Audience Audience
	// Silent marks an action that leaves no line in the timeline.
	Silent bool
	// Bulk marks an action that may be taken on many things at once.
	Bulk bool
	// Usual marks what is mostly done next by those whose turn it is: it is offered
	// before all others, but where it leaves the state as it is.
	Usual bool
	// Then names the action of the same table that mostly follows at once, by the
	// same hand and with what both are asked for.
	Then string
}

// Stays reports whether the action leaves the state as it is.
func (r Rule) Stays() bool { return len(r.To) == 0 }

// Read returns who reads of the action in the timeline.
func (r Rule) Read() Audience {
	if r.Audience == "" {
		return Handlers
	}
	return r.Audience
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

// Offered lists the rules that one who is all of parties may take now: the usual
// ones, and then in the order of the table. A thing's response offers just these.
func (t Table) Offered(in Status, parties []Party) []Rule {
	var usual, others []Rule
	for _, r := range t.Rules {
		if len(r.From) == 0 {
			continue // bringing into being is not offered on what is already there
		}
		if _, refusal := t.Allow(r.Action, in, parties); refusal != Granted {
			continue
		}
		if r.IsUsual(in) {
			usual = append(usual, r)
		} else {
			others = append(others, r)
		}
	}
	return append(usual, others...)
}

// IsUsual reports whether the action is mostly done next in a state.
func (r Rule) IsUsual(in Status) bool {
	return r.Usual && !slices.Contains(r.To, in)
}

func (r Rule) takes(parties []Party) bool {
	return slices.ContainsFunc(r.Who, func(p Party) bool { return slices.Contains(parties, p) })
}

// Check reports the first thing that is wrong with the table itself: a state
// that no row names, one that cannot be reached, an action without an input, a
// clock that runs out into an action that the system cannot take, a name used
// twice. A program that builds its tables from constants panics on it
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
		if r, ok := t.Rule(s.Clock.Then); s.Clock.Then != "" && (!ok || len(r.Who) > 0 || !slices.Contains(r.From, s.Name)) {
			return fmt.Errorf("workflow %s: the clock of state %s cannot take the action %q", t.Name, s.Name, s.Clock.Then)
		}
		if !reached[s.Name] {
			return fmt.Errorf("workflow %s: no action leads to state %s", t.Name, s.Name)
		}
	}
	return nil
}

// follows reports whether what an action names may be taken where it leads to, by
// some of those who take it.
func (t Table) follows(r Rule) bool {
	next, ok := t.Rule(r.Then)
	return ok && next.takes(r.Who) && slices.ContainsFunc(r.To, func(s Status) bool { return slices.Contains(next.From, s) })
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
	case len(r.To) == 0 && len(r.From) == 0:
		return fmt.Errorf("leads nowhere")
	case len(r.Who) > 0 && r.Input == nil:
		return fmt.Errorf("is taken by people but has no input")
	case r.Then != "" && !t.follows(r):
		return fmt.Errorf("is not followed by %q", r.Then)
	}
	for _, s := range slices.Concat(r.From, r.To) {
		if _, ok := t.State(s); !ok {
			return fmt.Errorf("names the unknown state %s", s)
		}
	}
	return nil
}
