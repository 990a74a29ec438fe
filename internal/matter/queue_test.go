package matter_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/store"
)

// task is a line of the queue as a phone gets it.
type task struct {
	MatterID     string `json:"matter_id"`
	AssignmentID string `json:"assignment_id"`
	Kind         string
	KindLabel    string `json:"kind_label"`
	Number       string
	Title        string
	StatusLabel  string `json:"status_label"`
	Category     string
	CategoryText string `json:"category_label"`
	Step, Todo   string
	Author       string
	Assignee     string
	AssigneeID   string    `json:"assignee_id"`
	DueAt        time.Time `json:"due_at"`
	Urgent       bool
	Overdue      bool
	Risk         string
	RiskLabel    string `json:"risk_label"`
}

// queue follows the pages of somebody's queue to its end.
func queue(w *apptest.World, name, filter string, limit int) []task {
	w.T.Helper()
	var all []task
	for after := ""; ; {
		var page struct {
			Items []task
			Next  string
		}
		w.Get(name, fmt.Sprintf("/v1/work?limit=%d&%s&after=%s", limit, filter, url.QueryEscape(after))).Into(w.T, http.StatusOK, &page)
		if len(page.Items) > limit {
			w.T.Fatalf("a page of %d lines, want at most %d", len(page.Items), limit)
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
		if len(all) > 1300 { // more than there is
			w.T.Fatalf("the pages of %s by %q do not end", name, filter)
		}
	}
}

type queueCount struct {
	All, Overdue, Urgent int
	Steps                []struct {
		Step, Label string
		Count       int
	}
}

func count(w *apptest.World, name string) queueCount {
	w.T.Helper()
	var c queueCount
	w.Get(name, "/v1/work/count").Into(w.T, http.StatusOK, &c)
	return c
}

// categories are some of those that a suggestion may have.
var categories = []string{"CITY", "HEALTH", "EDUCATION"}

// office hands in n suggestions on one day and takes each some way: many of them
// are due at the same moment.
func office(w *apptest.World, r *rand.Rand, n int) {
	w.T.Helper()
	staff := []string{apptest.Staff, apptest.ProposalStaff}
	for i := range n {
		s := newWalk(w)
		s.submitAs(apptest.Author, map[string]any{"title": fmt.Sprintf("第%d件建议", i), "category": categories[r.IntN(3)]})
		if r.IntN(3) == 0 {
			s.act(staff[r.IntN(2)], "", "take", nil)
		}
		if r.IntN(3) == 0 {
			continue
		}
		s.act(apptest.Staff, "", "accept", map[string]any{"route": "DIRECT_UNIT", "urgent": r.IntN(3) == 0})
		if r.IntN(2) == 0 {
			s.dispatch(1+r.IntN(3), 0, 1)
			if r.IntN(2) == 0 {
				s.sign(0)
				s.reply(0)
			}
		}
	}
}

// submitAs hands in a suggestion with more than submit gives it.
func (s *walk) submitAs(name string, more map[string]any) {
	s.T.Helper()
	body := map[string]any{"title": "修复人民路路灯", "body": "人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复。", "category": "CITY"}
	for k, v := range more {
		body[k] = v
	}
	var got state
	s.Post(name, "/v1/suggestions", body).Into(s.T, http.StatusCreated, &got)
	s.id, s.version = got.ID, got.Version
}

// TestTheQueueIsRiskiestFirstAndItsPagesAgree: what is urgent first, then what is
// due first; and however it is cut into pages, also where many rows are due at
// one moment, each row comes once and in one order.
func TestTheQueueIsRiskiestFirstAndItsPagesAgree(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	office(w, rand.New(rand.NewPCG(1, 2)), 36)
	for _, name := range []string{apptest.Staff, apptest.LeadHandler, apptest.CoHandler} {
		whole := queue(w, name, "", 100)
		if len(whole) < 3 {
			t.Fatalf("%s has %d tasks: too few to say anything", name, len(whole))
		}
		first := map[bool]int{false: 1}
		if !slices.IsSortedFunc(whole, func(a, b task) int {
			return cmp.Or(cmp.Compare(first[a.Urgent], first[b.Urgent]), a.DueAt.Compare(b.DueAt))
		}) {
			t.Errorf("%s: not the riskiest first: %+v", name, whole)
		}
		if name == apptest.Staff && (!whole[0].Urgent || whole[len(whole)-1].Urgent) {
			t.Errorf("nothing, or all, is urgent")
		}
		for _, limit := range []int{1, 3, 7} {
			if got := queue(w, name, "", limit); !slices.Equal(got, whole) {
				t.Errorf("%s in pages of %d: %+v, want %+v", name, limit, got, whole)
			}
		}
	}
}

// TestFiltersCompose: any filters together give just the lines of the whole
// queue that fit each of them, in its order.
func TestFiltersCompose(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	office(w, rand.New(rand.NewPCG(3, 4)), 24)
	w.Clock.Advance(50 * time.Hour) // some of it is overdue now
	me := w.Person(apptest.Staff).ID
	type filter struct {
		query string
		fits  func(task) bool
	}
	all := filter{"", func(task) bool { return true }}
	dimensions := [][]filter{
		{all, {"kind=suggestion", func(x task) bool { return x.Kind == "suggestion" }}},
		{all, {"step=review", func(x task) bool { return x.Step == "review" }}, {"step=dispatch", func(x task) bool { return x.Step == "dispatch" }}},
		{all, {"category=CITY", func(x task) bool { return x.Category == "CITY" }}},
		{all, {"assignee=me", func(x task) bool { return x.AssigneeID == me }}, {"assignee=nobody", func(x task) bool { return x.AssigneeID == "" }}},
		{all, {"holder=office", all.fits}, {"holder=unit", func(task) bool { return false }}},
		{all, {"overdue=true", func(x task) bool { return x.Overdue }}},
		{all, {"urgent=true", func(x task) bool { return x.Urgent }}},
	}
	whole := queue(w, apptest.Staff, "", 100)
	found, none := 0, 0
	for n := range 2 * 3 * 2 * 3 * 3 * 2 * 2 {
		query, want := "", whole
		for _, d := range dimensions {
			f := d[n%len(d)]
			n /= len(d)
			if f.query != "" {
				query += f.query + "&"
			}
			want = slices.DeleteFunc(slices.Clone(want), func(x task) bool { return !f.fits(x) })
		}
		if found++; len(want) == 0 {
			none++
		}
		if got := queue(w, apptest.Staff, query, 4); !slices.Equal(got, want) {
			t.Errorf("%s: %d lines, want %d", query, len(got), len(want))
		}
	}
	if found-none < 60 {
		t.Errorf("only %d of %d filters find something", found-none, found)
	}
	// Who has it in hand is the office's: a unit neither learns it nor asks.
	for _, x := range queue(w, apptest.LeadHandler, "assignee=nobody", 100) {
		if x.Assignee != "" || x.AssigneeID != "" {
			t.Errorf("a unit learns who has it in hand: %+v", x)
		}
	}
	if a, b := queue(w, apptest.LeadHandler, "assignee=nobody", 100), queue(w, apptest.LeadHandler, "", 100); !slices.Equal(a, b) || len(b) == 0 {
		t.Errorf("a unit's filter by who has it in hand tells something: %d of %d", len(a), len(b))
	}
	if got := queue(w, apptest.LeadHandler, "assignee=me", 100); len(got) > 0 {
		t.Errorf("a unit has something in hand as the office has: %+v", got)
	}
}

// TestCountsAgreeWithTheList holds for everybody: each number of the counts is
// as many lines as the filter finds, and the steps are all of it.
func TestCountsAgreeWithTheList(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	office(w, rand.New(rand.NewPCG(5, 6)), 24)
	w.Clock.Advance(50 * time.Hour)
	labels := map[string]string{}
	for _, name := range people {
		c := count(w, name)
		if n := len(queue(w, name, "", 100)); c.All != n {
			t.Errorf("%s: all %d, but %d lines", name, c.All, n)
		}
		if n := len(queue(w, name, "overdue=true", 100)); c.Overdue != n {
			t.Errorf("%s: overdue %d, but %d lines", name, c.Overdue, n)
		}
		if n := len(queue(w, name, "urgent=true", 100)); c.Urgent != n {
			t.Errorf("%s: urgent %d, but %d lines", name, c.Urgent, n)
		}
		sum := 0
		for _, s := range c.Steps {
			labels[s.Step] = s.Label
			sum += s.Count
			if n := len(queue(w, name, "step="+s.Step, 100)); s.Count != n || n == 0 {
				t.Errorf("%s: %s %d, but %d lines", name, s.Label, s.Count, n)
			}
		}
		if sum != c.All {
			t.Errorf("%s: the steps are %d of %d", name, sum, c.All)
		}
	}
	for step, label := range map[string]string{"review": "待审核", "dispatch": "待转办", "check": "答复待审查", "sign": "待签收"} {
		if labels[step] != label {
			t.Errorf("%s is called %q, want %q", step, labels[step], label)
		}
	}
	if c := count(w, apptest.ForeignStaff); c.All != 0 {
		t.Errorf("another institution's staff have %+v", c)
	}
}

// waitFor writes n matters by hand that wait for a review.
func waitFor(w *apptest.World, n int, category func(i int) string) {
	w.T.Helper()
	now, p := w.Clock.Now(), w.Person(apptest.Author)
	w.Write(func(tx *store.Tx) error {
		for i := range n {
			x := matter.Matter{
				ID: store.NewID(), InstitutionID: p.InstitutionID, Kind: "suggestion", Title: fmt.Sprintf("第%d件", i), Status: "SUBMITTED", Category: category(i),
				Visibility: matter.Parties, Source: matter.FromApp, Version: 1, SubmittedAt: now, CreatedAt: now, UpdatedAt: now,
			}
			tx.Insert(&x)
			tx.Insert(&matter.Author{MatterID: x.ID, Ordinal: 1, InstitutionID: p.InstitutionID, Role: matter.First, PersonID: &p.ID, Consent: matter.Given, Name: p.Name})
			tx.Insert(&matter.Waiting{
				ID: store.NewID(), InstitutionID: p.InstitutionID, Holder: "role:INFO_STAFF", Step: "review", Label: "审核", MatterID: x.ID,
				Rank: matter.Ordinary, DueAt: now.Add(time.Duration(i) * time.Minute),
			})
		}
		return nil
	})
}

// TestALongQueueIsLookedThroughPieceByPiece: a filter by what only the matters
// tell looks through 500 rows for a page, says when there are more, and misses
// none; counts stop at 100.
func TestALongQueueIsLookedThroughPieceByPiece(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	waitFor(w, 1203, func(i int) string {
		if i == 0 || i == 700 || i == 1202 {
			return "HEALTH"
		}
		return "CITY"
	})
	var page struct {
		Items []task
		Next  string
	}
	sizes, titles := []int{}, []string{}
	for after := ""; len(sizes) < 10; {
		page.Items, page.Next = nil, ""
		w.Get(apptest.Staff, "/v1/work?category=HEALTH&after="+after).Into(t, http.StatusOK, &page)
		sizes = append(sizes, len(page.Items))
		for _, x := range page.Items {
			titles = append(titles, x.Title)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if !slices.Equal(sizes, []int{1, 1, 1}) || !slices.Equal(titles, []string{"第0件", "第700件", "第1202件"}) {
		t.Errorf("pages of %v: %v", sizes, titles)
	}
	if got := queue(w, apptest.Staff, "category=CITY", 100); len(got) != 1200 {
		t.Errorf("%d lines of 1200", len(got))
	}
	w.Clock.Advance(48 * time.Hour)
	c := count(w, apptest.Staff)
	if c.All != 100 || c.Overdue != 100 || c.Urgent != 0 || len(c.Steps) != 1 || c.Steps[0].Count != 100 {
		t.Errorf("%+v, want 99+", c)
	}
}

// TestRiskFollowsTheClockAndTheHolidays takes a review of two working days
// through its time.
func TestRiskFollowsTheClockAndTheHolidays(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	announce(w, calendar.Exceptions{calendar.Date(2026, 3, 5): calendar.Holiday})
	newWalk(w).submit(apptest.Author) // on Tuesday the 3rd: due on Friday the 6th, since Thursday is free
	at := func(day, hour int) time.Time {
		return time.Date(2026, 3, day, hour, 0, 0, 0, calendar.Beijing())
	}
	for _, c := range []struct {
		at          time.Time
		risk, label string
	}{
		{at(3, 23), "NORMAL", "期限内"},
		{at(4, 1), "SOON", "即将到期"}, // the next working day is the last
		{at(5, 12), "SOON", "即将到期"},
		{at(6, 1), "TODAY", "今天到期"},
		{at(6, 23), "TODAY", "今天到期"},
		{at(7, 1), "OVERDUE", "已逾期"},
	} {
		w.Clock.Advance(c.at.Sub(w.Clock.Now()))
		x := queue(w, apptest.Staff, "", 10)[0]
		if x.Risk != c.risk || x.RiskLabel != c.label || x.Overdue != (c.risk == "OVERDUE") {
			t.Errorf("at %v: %s %s, want %s", c.at, x.Risk, x.RiskLabel, c.risk)
		}
	}
}

// TestUrgentGoesOnToWhoeverIsNext: what the office calls urgent is before all
// others with the units as well, and a kind may say so when it begins.
func TestUrgentGoesOnToWhoeverIsNext(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, urgent := range []bool{false, true} {
		s := newWalk(w)
		s.submit(apptest.Author)
		s.act(apptest.Staff, "", "accept", map[string]any{"route": "DIRECT_UNIT", "urgent": urgent})
		s.dispatch(map[bool]int{false: 1, true: 20}[urgent], 0)
		s.sign(0)
	}
	got := queue(w, apptest.LeadHandler, "", 10)
	if len(got) != 2 || !got[0].Urgent || got[1].Urgent || !got[0].DueAt.After(got[1].DueAt) {
		t.Fatalf("the unit's queue: %+v", got)
	}
	var v struct{ Urgent bool }
	w.Get(apptest.LeadHandler, "/v1/suggestions/"+got[0].MatterID).Into(t, http.StatusOK, &v)
	if !v.Urgent {
		t.Error("the matter does not say that it is urgent")
	}

	a := w.Actor(apptest.Author)
	w.Write(func(tx *store.Tx) error {
		m, err := w.Matters.Open(t.Context(), tx, a, matter.Opening{Kind: "suggestion", Action: "submit", Title: "堤坝渗水", Category: "CITY", Urgent: true})
		if err == nil && !m.Matter.Urgent {
			t.Error("it is not urgent")
		}
		return err
	})
	newWalk(w).submit(apptest.Author)
	if got := queue(w, apptest.Staff, "step=review", 10); len(got) != 2 || got[0].Title != "堤坝渗水" || got[1].Urgent {
		t.Errorf("what is urgent from the beginning is not first: %+v", got)
	}
}

// TestALineIsEnoughToDrawIt: number, category, author, colleague and step are in
// the line itself.
func TestALineIsEnoughToDrawIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := newWalk(w)
	s.submitAs(apptest.Author, map[string]any{"category": "HEALTH"})
	s.act(apptest.ProposalStaff, "", "take", nil)
	s.accept()
	w.Post(apptest.Staff, "/v1/suggestions/numbers", map[string]any{"ids": []string{s.id}}).Want(t, http.StatusOK)
	x := queue(w, apptest.Staff, "", 10)[0]
	want := task{
		MatterID: s.id, Kind: "suggestion", KindLabel: "微建议", Number: "2026年第1号", Title: "修复人民路路灯", StatusLabel: "已受理", Category: "HEALTH",
		CategoryText: "医疗卫生", Step: "dispatch", Todo: "转办", Author: apptest.Author, Assignee: apptest.ProposalStaff,
		AssigneeID: w.Person(apptest.ProposalStaff).ID, DueAt: x.DueAt, Risk: "SOON", RiskLabel: "即将到期",
	}
	if x != want {
		t.Errorf("%+v, want %+v", x, want)
	}
}

// TestFiltersByWhatThereIsNotAreRefused: a wrong word is not an empty queue.
func TestFiltersByWhatThereIsNotAreRefused(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	for _, query := range []string{"kind=petition", "step=dance", "category=MOON", "assignee=everyone", "holder=mayor", "step=%00", "category=%00", "kind=%00", "overdue=perhaps", "sort=title"} {
		w.Get(apptest.Staff, "/v1/work?"+query).Want(t, http.StatusUnprocessableEntity)
	}
	for _, cursor := range []string{"x", "MCAyMDI2", "OSAyMDI2LTAzLTAzVDAyOjAwOjAwWiAwMTkyZjFjMC03ZDdhLTdjMzEtOWQyZS0zZjBhNWI2YzdkOGU"} {
		w.Get(apptest.Staff, "/v1/work?after="+cursor).Want(t, http.StatusUnprocessableEntity)
	}
}
