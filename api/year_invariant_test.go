package api_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yanlu/internal/audit"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// turn is somebody who is waited for, or a deadline that runs.
type turn struct {
	institution, holder, step, label, matter, assignment string
	due                                                  time.Time
}

func (t turn) String() string {
	of := t.matter
	if t.assignment != "" {
		of = t.assignment
	}
	return fmt.Sprintf("%s waits for %s (%s) of %s until %s", t.holder, t.label, t.step, of, t.due.UTC().Format(time.RFC3339Nano))
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// waits holds that those are waited for, and only those, who follow from the
// states by the tables, each until its deadline.
func (y *year) waits() []string {
	var want, got []string
	var wrong []string
	due := func(t turn) time.Time {
		var all []matter.Deadline
		for _, d := range y.now.deadlines {
			if d.MatterID == t.matter && text(d.AssignmentID) == t.assignment && d.Kind == t.step && d.MetAt == nil {
				all = append(all, d)
			}
		}
		if len(all) != 1 {
			wrong = append(wrong, fmt.Sprintf("%s: %d deadlines of it run", t, len(all)))
			return time.Time{}
		}
		return all[0].DueAt
	}
	add := func(state workflow.State, t turn) {
		if state.Holder == "" {
			return
		}
		t.step, t.label = state.Clock.Kind, state.Clock.Label
		t.due = due(t)
		want = append(want, t.institution+" "+t.String())
	}
	for _, x := range y.now.matters {
		state, ok := y.Matters.Flow(x.Kind).State(x.Status)
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s is in the state %s, which its table does not have", x.ID, x.Status))
		}
		holder := matter.RoleHolder(state.Holder)
		if state.Holder == matter.FirstAuthor {
			if holder = matter.PersonHolder(y.now.first(x.ID)); y.now.first(x.ID) == "" { // a body that has nobody here
				holder = matter.RoleHolder(y.office(x.Kind))
			}
		}
		if x.Status == handling.Unsatisfied && y.rehandled(x.ID) {
			holder = matter.RoleHolder(member.ProposalChair)
		}
		add(state, turn{institution: x.InstitutionID, holder: holder, matter: x.ID})
	}
	for _, a := range y.now.assignments {
		state, _ := y.Handling.FlowOf(y.now.matter(a.MatterID).Kind, a.Role).State(a.Status)
		holder := matter.RoleHolder(state.Holder)
		if state.Holder == handling.AnyUnit {
			holder = matter.UnitHolder(a.UnitID)
		}
		add(state, turn{institution: a.InstitutionID, holder: holder, matter: a.MatterID, assignment: a.ID})
	}
	for _, w := range y.now.waiting {
		got = append(got, w.InstitutionID+" "+turn{w.InstitutionID, w.Holder, w.Step, w.Label, w.MatterID, text(w.AssignmentID), w.DueAt}.String())
	}
	slices.Sort(want)
	slices.Sort(got)
	return append(wrong, difference("waiting rows: ", want, got)...)
}

// office is who of the office is waited for where a first author has nobody here.
func (y *year) office(kind matter.Kind) workflow.Party {
	for _, h := range y.Matters.Heads() {
		if h.Kind == kind {
			return h.Office
		}
	}
	return ""
}

// rehandled reports whether a matter was handled again already: then it is for
// the chair to decide.
func (y *year) rehandled(id string) bool {
	return slices.ContainsFunc(y.kept.events, func(e matter.Event) bool { return e.MatterID == id && e.Action == "rehandle" })
}

// difference tells what of two sorted lists is missing in the one or the other.
func difference(what string, want, got []string) []string {
	var lines []string
	for i, j := 0, 0; i < len(want) || j < len(got); {
		switch {
		case j == len(got) || i < len(want) && want[i] < got[j]:
			lines, i = append(lines, what+"there is no row: "+want[i]), i+1
		case i == len(want) || want[i] > got[j]:
			lines, j = append(lines, what+"there should be no row: "+got[j]), j+1
		default:
			i, j = i+1, j+1
		}
	}
	return lines
}

// held holds that somebody has every matter that goes on, and nobody one that
// is at its end, merged or a draft; that no clock runs for what has ended.
func (y *year) held() []string {
	var wrong []string
	of, ended := map[string]int{}, map[string]bool{}
	for _, w := range y.now.waiting {
		of[w.MatterID]++
	}
	for _, x := range y.now.matters {
		ends := y.Matters.Flow(x.Kind).Over(x.Status)
		rests := ends || x.Status == matter.Merged || x.Status == matter.Draft
		ended[x.ID] = rests
		if rests != (of[x.ID] == 0) {
			wrong = append(wrong, fmt.Sprintf("%s is %s, and %d are waited for", x.ID, x.Status, of[x.ID]))
		}
		if ends != (x.ClosedAt != nil) {
			wrong = append(wrong, fmt.Sprintf("%s is %s, and closed at %v", x.ID, x.Status, x.ClosedAt))
		}
		if into := y.now.matter(text(x.MergedInto)); (x.Status == matter.Merged) != (x.MergedInto != nil) || x.MergedInto != nil && takenBack(y.Matters.Flow(into.Kind), into.Status) {
			wrong = append(wrong, fmt.Sprintf("%s is %s, and merged into %q, which is %s", x.ID, x.Status, text(x.MergedInto), into.Status))
		}
	}
	for _, a := range y.now.assignments {
		ended[a.ID] = handling.Flow().Ends(a.Status)
		if ended[a.MatterID] && !ended[a.ID] {
			wrong = append(wrong, fmt.Sprintf("%s is %s, but its matter has ended", a.ID, a.Status))
		}
	}
	for _, d := range y.now.deadlines {
		if d.MetAt == nil && (ended[d.MatterID] || ended[text(d.AssignmentID)]) {
			wrong = append(wrong, fmt.Sprintf("the deadline %s of %s %s runs, which has ended", d.Kind, d.MatterID, text(d.AssignmentID)))
		}
	}
	return wrong
}

// takenBack reports whether a matter in a state was never decided: it is a
// draft, or at an end that an author may put to a draft. What others were merged
// into must not go that way.
func takenBack(flow workflow.Table, in workflow.Status) bool {
	return in == matter.Draft || flow.Ends(in) && slices.ContainsFunc(flow.Rules, func(r workflow.Rule) bool {
		return slices.Contains(r.From, matter.Draft) && slices.Contains(r.To, in)
	})
}

// clocks holds that every deadline that runs is due when the calendar of its
// institution says, unless the calendar is being counted anew.
func (y *year) clocks() []string {
	var wrong, counting []string
	y.read(&counting, "SELECT institution_id FROM recounts")
	var days []matter.Holiday
	y.read(&days, "SELECT * FROM holidays")
	calendars := map[string]calendar.Calendar{}
	for _, id := range []string{y.County.ID, y.Other.ID} {
		exceptions := calendar.Exceptions{}
		for _, d := range days {
			if d.InstitutionID == id {
				exceptions[d.Day] = d.Kind
			}
		}
		c, err := calendar.New(exceptions)
		if err != nil {
			y.T.Fatal(err)
		}
		calendars[id] = c
	}
	for _, d := range y.now.deadlines {
		if d.MetAt != nil || slices.Contains(counting, d.InstitutionID) {
			continue
		}
		want := calendars[d.InstitutionID].Due(d.StartedAt, calendar.Span{Count: d.Count, Unit: d.Unit})
		if !d.DueAt.Equal(want) {
			wrong = append(wrong, fmt.Sprintf("the deadline %s of %s %s, %d %s from %s, is due %s; by the calendar it is %s", d.Kind, d.MatterID, text(d.AssignmentID),
				d.Count, d.Unit, d.StartedAt.Format(time.RFC3339), d.DueAt.Format(time.RFC3339), want.Format(time.RFC3339)))
		}
		if d.ThenAt != nil && d.ThenAt.Before(d.DueAt) {
			wrong = append(wrong, fmt.Sprintf("the system acts on the deadline %s of %s at %s, before it is over", d.Kind, d.MatterID, d.ThenAt))
		}
	}
	return wrong
}

// grows holds that versions only grow, with every change of state, and that a
// number is given once and never taken back.
func (y *year) grows(before scene) []string {
	var wrong []string
	versions := func(id string, from, to workflow.Status, old, now int64) {
		if now < old || from != to && now == old {
			wrong = append(wrong, fmt.Sprintf("%s went from %s to %s and from version %d to %d", id, from, to, old, now))
		}
	}
	for i, old := range before.matters {
		x := y.now.matters[i] // nothing is deleted, and newer ones come behind
		if x.ID != old.ID {
			return append(wrong, "the matter "+old.ID+" is gone")
		}
		versions(x.ID, old.Status, x.Status, old.Version, x.Version)
		if old.Number != nil && text(x.Number) != *old.Number {
			wrong = append(wrong, fmt.Sprintf("%s had the number %s and has %q", x.ID, *old.Number, text(x.Number)))
		}
	}
	for i, old := range before.assignments {
		a := y.now.assignments[i]
		if a.ID != old.ID {
			return append(wrong, "the assignment "+old.ID+" is gone")
		}
		versions(a.ID, old.Status, a.Status, old.Version, a.Version)
	}
	for _, x := range y.now.matters {
		if x.Number == nil {
			continue
		}
		key := strings.Join([]string{x.InstitutionID, string(x.Kind), *x.Number}, " ")
		if other, ok := y.kept.number[key]; ok && other != x.ID {
			wrong = append(wrong, fmt.Sprintf("%s and %s have the number %s", x.ID, other, *x.Number))
		}
		y.kept.number[key] = x.ID
	}
	return wrong
}

// audited holds that the chains of the audit are whole, and all is sealed.
func (y *year) audited() {
	y.T.Helper()
	var r audit.Report
	r, err := y.Audit.Verify(y.T.Context(), nil)
	if err != nil {
		y.T.Fatal(err)
	}
	if len(r.Flaws) > 0 || r.Unsealed > 0 || r.Sealed == 0 {
		y.fail(fmt.Sprintf("the audit: %d sealed, %d not, flaws %v", r.Sealed, r.Unsealed, r.Flaws))
	}
}
