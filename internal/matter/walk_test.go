package matter_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/suggestion"
	"yanlu/internal/workflow"
)

// walk takes a suggestion through its life by the API.
type walk struct {
	*apptest.World
	id          string
	version     int64
	assignments []string         // in the order in which they were given
	versions    map[string]int64 // of the assignments
}

func newWalk(w *apptest.World) *walk { return &walk{World: w, versions: map[string]int64{}} }

// handlers are the people of the world's units.
var handlers = []string{apptest.LeadHandler, apptest.CoHandler, apptest.OtherHandler}

type state struct {
	ID      string
	Version int64
}

func (s *walk) submit(name string) {
	s.T.Helper()
	var got state
	s.Post(name, "/v1/suggestions", map[string]any{
		"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复。", "category": "CITY",
	}).Into(s.T, http.StatusCreated, &got)
	s.id, s.version = got.ID, got.Version
}

// act takes an action on the matter, or on one of its assignments.
func (s *walk) act(name, assignment, action string, body map[string]any) {
	s.T.Helper()
	path, version := "/v1/suggestions/"+s.id, s.version
	if assignment != "" {
		path, version = "/v1/assignments/"+assignment, s.versions[assignment]
	}
	all := map[string]any{"version": version}
	for k, v := range body {
		all[k] = v
	}
	var got state
	s.Post(name, path+"/"+action, all).Into(s.T, http.StatusOK, &got)
	if assignment != "" {
		s.versions[assignment] = got.Version
	} else {
		s.version = got.Version
	}
}

func (s *walk) accept() {
	s.T.Helper()
	s.act(apptest.Staff, "", "accept", map[string]any{"route": "DIRECT_UNIT"})
}

// dispatch gives the matter to units, by their number in the world; the first
// leads.
func (s *walk) dispatch(days int, units ...int) {
	s.T.Helper()
	co := []string{}
	for _, u := range units[1:] {
		co = append(co, s.Units[u].ID)
	}
	s.act(apptest.Staff, "", "dispatch", map[string]any{"lead_unit_id": s.Units[units[0]].ID, "co_unit_ids": co, "working_days": days})
	rows, err := gorm.G[handling.Assignment](s.DB.Gorm(s.T.Context())).Where("matter_id = ?", s.id).Order("id").Find(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	for _, a := range rows {
		s.assignments = append(s.assignments, a.ID)
		s.versions[a.ID] = a.Version
	}
}

// sign and reply are acts of the handler of an assignment, by its number; the
// units were given in the order of the world.
func (s *walk) sign(n int) {
	s.T.Helper()
	s.act(handlers[n], s.assignments[n], "sign_for", map[string]any{"handler_name": "经办人", "handler_phone": "0991-5550101"})
}

func (s *walk) reply(n int) {
	s.T.Helper()
	s.act(handlers[n], s.assignments[n], "reply", map[string]any{
		"outcome": "A", "body": "路灯已于本周修复。", "contact_name": "经办人", "contact_phone": "0991-5550101", "way": "PHONE",
	})
}

// rowsOf is everything that says where matters stand.
type rowsOf struct {
	matters     []matter.Matter
	assignments []handling.Assignment
	authors     []matter.Author
	deadlines   []matter.Deadline
	waiting     []matter.Waiting
}

func read(w *apptest.World) rowsOf {
	w.T.Helper()
	var r rowsOf
	b := w.DB.Batch()
	byID := func(g *gorm.DB) *gorm.DB { return g.Order("id") }
	b.Read(&r.matters, byID)
	b.Read(&r.assignments, byID)
	b.Read(&r.authors, func(g *gorm.DB) *gorm.DB { return g.Order("matter_id, ordinal") })
	b.Read(&r.deadlines, byID)
	b.Read(&r.waiting, byID)
	if err := b.Run(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	return r
}

func line(holder, label, matterID string, assignmentID *string, due time.Time) string {
	of := matterID
	if assignmentID != nil {
		of += " by " + *assignmentID
	}
	return fmt.Sprintf("%s waits for %s of %s until %s", holder, label, of, due.UTC().Format(time.RFC3339Nano))
}

// due returns when the newest deadline of a kind ends.
func (r rowsOf) due(matterID string, assignmentID *string, kind string) time.Time {
	for _, d := range slices.Backward(r.deadlines) {
		if d.MatterID == matterID && cmp.Equal(d.AssignmentID, assignmentID) && d.Kind == kind && d.MetAt == nil {
			return d.DueAt
		}
	}
	return time.Time{}
}

// waits computes from the states alone who should be waited for.
func (r rowsOf) waits() []string {
	var lines []string
	for _, m := range r.matters {
		state, _ := suggestion.Flow().State(m.Status)
		if state.Holder == "" {
			continue
		}
		holder := "role:" + string(state.Holder)
		if state.Holder == matter.FirstAuthor {
			i := slices.IndexFunc(r.authors, func(a matter.Author) bool { return a.MatterID == m.ID && a.Role == matter.First })
			holder = "person:" + r.authors[i].Person()
		}
		lines = append(lines, line(holder, state.Clock.Label, m.ID, nil, r.due(m.ID, nil, state.Clock.Kind)))
	}
	for _, a := range r.assignments {
		state, _ := handling.Flow().State(a.Status)
		if state.Holder == "" {
			continue
		}
		holder := "role:" + string(state.Holder)
		if state.Holder == handling.AnyUnit {
			holder = "unit:" + a.UnitID
		}
		lines = append(lines, line(holder, state.Clock.Label, a.MatterID, &a.ID, r.due(a.MatterID, &a.ID, state.Clock.Kind)))
	}
	slices.Sort(lines)
	return lines
}

// running lists the deadlines that run of what is at its end.
func (r rowsOf) running() []string {
	ended := map[string]workflow.Status{}
	for _, m := range r.matters {
		if suggestion.Flow().Ends(m.Status) {
			ended[m.ID] = m.Status
		}
	}
	for _, a := range r.assignments {
		if handling.Flow().Ends(a.Status) {
			ended[a.ID] = a.Status
		}
	}
	var lines []string
	for _, d := range r.deadlines {
		of := d.MatterID
		if d.AssignmentID != nil {
			of = *d.AssignmentID
		}
		if status, ok := ended[of]; ok && d.MetAt == nil {
			lines = append(lines, fmt.Sprintf("%s of what is %s", d.Kind, status))
		}
	}
	return lines
}

// TestWhoIsWaitedForFollowsFromTheStates computes after every step of several
// lives who should be waited for, and holds that just these rows are there and
// that no clock runs for what is at its end.
func TestWhoIsWaitedForFollowsFromTheStates(t *testing.T) {
	t.Parallel()
	reason := map[string]any{"reason": "请写明日期。"}
	rating := map[string]any{"attitude": "SATISFIED", "result": "BASICALLY"}
	type step struct {
		name string
		do   func(s *walk)
	}
	begin := []step{
		{"submit", func(s *walk) { s.submit(apptest.Author) }},
		{"accept", func(s *walk) { s.accept() }},
	}
	sign := func(n int) step { return step{fmt.Sprint("sign ", n), func(s *walk) { s.sign(n) }} }
	reply := step{"reply", func(s *walk) { s.reply(0) }}
	opinion := func(n int) step {
		return step{fmt.Sprint("opinion ", n), func(s *walk) {
			s.act(handlers[n], s.assignments[n], "give_opinion", map[string]any{"body": "我单位同意。"})
		}}
	}
	pass := step{"pass", func(s *walk) { s.act(apptest.ProposalStaff, s.assignments[0], "pass", nil) }}
	rate := step{"rate", func(s *walk) { s.version++; s.act(apptest.Author, "", "rate", rating) }} // the reply moved the matter too
	sendBack := step{"send back", func(s *walk) { s.act(apptest.ProposalStaff, s.assignments[0], "send_back_reply", reason) }}
	dispatch := func(units ...int) step { return step{"dispatch", func(s *walk) { s.dispatch(0, units...) }} }
	lives := map[string][]step{
		"rejected": {begin[0], {"reject", func(s *walk) {
			s.act(apptest.Staff, "", "reject", map[string]any{"code": "REPEATED", "reason": "重复。"})
		}}},
		"one unit":                        slices.Concat(begin, []step{dispatch(0), sign(0), reply, pass, rate}),
		"sent back twice":                 slices.Concat(begin, []step{dispatch(0), sign(0), reply, sendBack, reply, sendBack, reply, pass, rate}),
		"a co-unit that gives an opinion": slices.Concat(begin, []step{dispatch(0, 1), sign(1), sign(0), opinion(1), reply, pass, rate}),
		"a co-unit that only signs":       slices.Concat(begin, []step{dispatch(0, 1), sign(0), sign(1), reply, pass, rate}),
		"a co-unit that does nothing":     slices.Concat(begin, []step{dispatch(0, 1), sign(0), reply, pass, rate}),
		"one of each, sent back":          slices.Concat(begin, []step{dispatch(0, 1, 2), sign(0), reply, sign(1), sendBack, opinion(1), reply, pass, rate}),
	}
	w := apptest.New(t)
	for name, life := range lives {
		t.Run(name, func(t *testing.T) {
			s := newWalk(w)
			for _, step := range life {
				step.do(s)
				w.Clock.Advance(time.Hour)
				r := read(w)
				var got []string
				for _, x := range r.waiting {
					got = append(got, line(x.Holder, x.Label, x.MatterID, x.AssignmentID, x.DueAt))
				}
				slices.Sort(got)
				if diff := cmp.Diff(r.waits(), got); diff != "" {
					t.Errorf("after %s: %s", step.name, diff)
				}
				if lines := r.running(); len(lines) > 0 {
					t.Errorf("after %s runs %s", step.name, strings.Join(lines, ", "))
					w.Write(meetAll) // once is enough
				}
			}
		})
	}
}

// TestTheTimeToReplyGoesOn holds that signing does not begin it anew, nor does a
// reply that is sent back.
func TestTheTimeToReplyGoesOn(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := newWalk(w)
	s.submit(apptest.Author)
	s.accept()
	s.dispatch(5, 0)
	began := w.Clock.Now()
	steps := []func(){
		func() { s.sign(0) },
		func() { s.reply(0) },
		func() {
			s.act(apptest.ProposalStaff, s.assignments[0], "send_back_reply", map[string]any{"reason": "请写明日期。"})
		},
	}
	for n, step := range steps {
		w.Clock.Advance(24 * time.Hour)
		step()
		var clocks []matter.Deadline
		for _, d := range read(w).deadlines {
			if d.Kind == "reply" {
				clocks = append(clocks, d)
			}
		}
		if len(clocks) != 1 {
			t.Fatalf("after step %d there are %d clocks of the reply", n, len(clocks))
		}
		d := clocks[0]
		if want := calendar.Date(2026, 3, 10).End(); !d.DueAt.Equal(want) || d.StartedAt.After(began) {
			t.Errorf("after step %d it runs from %v to %v, want to %v", n, d.StartedAt, d.DueAt, want)
		}
		if waits := n == 1; waits != (d.MetAt != nil) {
			t.Errorf("after step %d it was met at %v", n, d.MetAt)
		}
	}
}

// TestRegisterPanicsOnAWrongHead holds that a mistake in the program is found
// at its start.
func TestRegisterPanicsOnAWrongHead(t *testing.T) {
	t.Parallel()
	heads := map[string]matter.Head{
		"a table that is wrong":       {Kind: "x", Flow: workflow.Table{Name: "x", States: []workflow.State{{Name: "LOST"}}}},
		"an action without an effect": {Kind: "x", Flow: suggestion.Flow()},
	}
	for name, h := range heads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("it was registered")
				}
			}()
			matter.New(nil, nil, nil, nil).Register(h)
		})
	}
}
