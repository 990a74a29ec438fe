package workflow

import (
	"fmt"
	"strings"
)

// Diagram draws the table as a Mermaid state diagram, for the docs.
func (t Table) Diagram() string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, s := range t.States {
		fmt.Fprintf(&b, "    %s: %s\n", s.Name, s.Label)
	}
	for _, r := range t.Rules {
		from := []string{"[*]"}
		if len(r.From) > 0 {
			from = nil
			for _, s := range r.From {
				from = append(from, string(s))
			}
		}
		for _, f := range from {
			for _, to := range r.To { // what stays is in the list below
				fmt.Fprintf(&b, "    %s --> %s: %s\n", f, to, r.Label)
			}
		}
	}
	for _, s := range t.States {
		if t.Ends(s.Name) {
			fmt.Fprintf(&b, "    %s --> [*]\n", s.Name)
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// Ends reports whether no action leads on from a state.
func (t Table) Ends(s Status) bool {
	for _, r := range t.Rules {
		if r.Stays() {
			continue
		}
		for _, f := range r.From {
			if f == s {
				return false
			}
		}
	}
	return true
}

// Over reports whether a thing in a state has come to its end: no action leads on
// from there, or what does only files it away or takes it up again.
func (t Table) Over(s Status) bool {
	state, _ := t.State(s)
	return state.Done || t.Ends(s)
}

// Markdown lists the table for the docs: its states with holder and clock, and
// its actions with who may take them.
func (t Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s (%s)\n\n%s\n", t.Label, t.Name, t.Diagram())
	b.WriteString("| state | 中文 | holder | deadline |\n|---|---|---|---|\n")
	for _, s := range t.States {
		clock := ""
		if s.Clock.Kind != "" {
			clock = fmt.Sprintf("%s, %s", s.Clock.Kind, s.Clock.Span)
			if s.Clock.Urgent.Count > 0 {
				clock += fmt.Sprintf(" (urgent: %s)", s.Clock.Urgent)
			}
			if s.Clock.Then != "" {
				clock += ", then " + s.Clock.Then
			}
		}
		holder := string(s.Holder)
		if s.Or != "" {
			holder += ", or " + string(s.Or)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", s.Name, s.Label, holder, clock)
	}
	b.WriteString("\n| action | 中文 | from | to | who | reason due |\n|---|---|---|---|---|---|\n")
	for _, r := range t.Rules {
		who, reason, to := join(r.Who), "no", join(r.To)
		if r.Stays() {
			to = "(stays)"
		}
		from := join(r.From)
		if r.Late {
			from += ", overdue"
		}
		if who == "" {
			who = "(the system)"
		}
		if r.NeedsReason() {
			reason = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.Action, r.Label, from, to, who, reason)
	}
	b.WriteString("\n")
	return b.String()
}

func join[S ~string](names []S) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = string(n)
	}
	return strings.Join(parts, ", ")
}
