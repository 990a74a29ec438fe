package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/matter"
	"yanlu/internal/notify"
)

// inspect holds what is too long to look at after every step: what was written
// into timelines and inboxes is still there as it was, pushes went out once, and
// what somebody sees is what they can read.
func (y *year) inspect() {
	y.T.Helper()
	var events []matter.Event
	y.read(&events, "SELECT * FROM events ORDER BY id")
	wrong := same("timelines", y.kept.events, events)
	var messages []notify.Message
	y.read(&messages, "SELECT * FROM inbox ORDER BY id")
	for i := range messages {
		messages[i].ReadAt = nil
	}
	wrong = slices.Concat(wrong, same("inboxes", y.kept.messages, messages), y.pushed(), y.reminded())
	for range 2 {
		wrong = append(wrong, y.sight(one(y.r, y.cast), 12)...)
	}
	if len(wrong) > 0 {
		y.fail(wrong...)
	}
}

// same holds that rows are still what they were.
func same[T any](of string, want, got []T) []string {
	if len(want) != len(got) {
		return []string{fmt.Sprintf("the %s had %d lines and have %d", of, len(want), len(got))}
	}
	for i := range want {
		if !reflect.DeepEqual(want[i], got[i]) {
			return []string{fmt.Sprintf("a line of the %s is not what it was: %s", of, cmp.Diff(want[i], got[i]))}
		}
	}
	return nil
}

// everybodySees looks with the eyes of everybody.
func (y *year) everybodySees() {
	y.T.Helper()
	for _, p := range y.cast {
		if wrong := y.sight(p, 30); len(wrong) > 0 {
			y.fail(wrong...)
		}
	}
}

// sight holds that somebody's lists, queue and messages have just what they can
// read, and that the rest is not there for them: of n matters at random.
func (y *year) sight(p *someone, n int) []string {
	y.T.Helper()
	if !p.bound || p.suspended {
		return y.blind(p)
	}
	var wrong []string
	for _, h := range y.Matters.Heads() {
		var want []string
		for _, x := range slices.Backward(y.now.matters) { // the newest first
			if x.Kind == h.Kind && y.now.sees(p, x) {
				want = append(want, x.ID)
			}
		}
		if got := y.listed(p, h.Kind, ""); !slices.Equal(want, got) {
			slices.Sort(want)
			slices.Sort(got)
			wrong = append(wrong, difference("the list of "+p.name+": ", want, got)...)
		}
	}
	for range min(n, len(y.now.matters)) {
		x := one(y.r, y.now.matters)
		want := http.StatusNotFound
		if y.now.sees(p, x) {
			want = http.StatusOK
		}
		if a := y.call(p, http.MethodGet, base(x.Kind)+"/"+x.ID, nil, ""); a.Status != want {
			wrong = append(wrong, fmt.Sprintf("%s reads %s: %d, want %d", p.name, x.ID, a.Status, want))
		}
	}
	return slices.Concat(wrong, y.queueOf(p), y.inboxOf(p))
}

// blind holds that who has no telephone, or is suspended, reads nothing.
func (y *year) blind(p *someone) []string {
	y.T.Helper()
	if p.token == "" {
		return nil
	}
	for _, path := range []string{base(y.Matters.Heads()[0].Kind), "/v1/work", "/v1/inbox"} {
		if a := y.call(p, http.MethodGet, path, nil, ""); a.Status != http.StatusForbidden {
			return []string{fmt.Sprintf("%s (bound: %t, suspended: %t) reads %s: %d", p.name, p.bound, p.suspended, path, a.Status)}
		}
	}
	return nil
}

// queueOf holds that somebody's queue has what waits for them, in their roles,
// for their units or in person, and that they can read all of it.
func (y *year) queueOf(p *someone) []string {
	y.T.Helper()
	holders := holdersOf(p)
	var want, got, wrong []string
	for _, w := range y.now.waiting {
		if w.InstitutionID == p.InstitutionID && slices.Contains(holders, w.Holder) {
			want = append(want, w.MatterID+" "+text(w.AssignmentID)+" "+w.Label)
		}
	}
	for _, t := range y.queue(p) {
		got = append(got, t.MatterID+" "+t.AssignmentID+" "+t.Todo)
		if !y.now.sees(p, y.now.matter(t.MatterID)) {
			wrong = append(wrong, fmt.Sprintf("%s has work on %s, which they may not see", p.name, t.MatterID))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	return append(wrong, difference("the work of "+p.name+": ", want, got)...)
}

// inboxOf holds that somebody's inbox has just what they were told.
func (y *year) inboxOf(p *someone) []string {
	y.T.Helper()
	var want, got []string
	for _, m := range slices.Backward(y.kept.messages) {
		if m.PersonID == p.PersonID && len(want) < 100 {
			want = append(want, m.ID)
		}
	}
	var page struct{ Items []struct{ ID string } }
	y.get(p, "/v1/inbox?limit=100", &page)
	for _, m := range page.Items {
		got = append(got, m.ID)
	}
	if !slices.Equal(want, got) {
		return []string{fmt.Sprintf("%s was told %d times and reads %d messages", p.name, len(want), len(got))}
	}
	return nil
}
