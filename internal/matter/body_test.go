package matter_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// petition is a kind of these tests that bodies hand in. The office may give it
// back, whoever handed it in sends it again, and two may be merged.
const petition matter.Kind = "petition"

type (
	back  struct{ workflow.Seen }
	again struct{ workflow.Seen }
	judge struct{ workflow.Seen }
)

func bodies(w *apptest.World) {
	days := func(kind, label string) workflow.Clock {
		return workflow.Clock{Kind: kind, Label: label, Span: calendar.WorkingDays(2)}
	}
	office, first := []workflow.Party{member.InfoStaff}, []workflow.Party{matter.FirstAuthor}
	is := func(s ...workflow.Status) []workflow.Status { return s }
	tell := func(title string) matter.Effect {
		return func(_ context.Context, m *matter.Move) error {
			m.TellAuthors(notify.Decision, title, title, m.Words("已办"))
			return nil
		}
	}
	effects := w.Matters.SharedEffects()
	effects["back"], effects["again"] = tell("请修改"), tell("又提交了")
	effects["judge"] = func(_ context.Context, m *matter.Move) error {
		m.Tx.Insert(&handling.Rating{ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, Attitude: handling.Satisfied, Result: handling.Satisfied, CreatedAt: m.At})
		return nil
	}
	w.Matters.Register(matter.Head{
		Kind: petition, Effects: effects, MergeInto: is("SUBMITTED"), UnmergeFrom: is("SUBMITTED"),
		Flow: workflow.Table{
			Name: "petition", Label: "请示",
			States: []workflow.State{
				{Name: "SUBMITTED", Label: "待看", Holder: member.InfoStaff, Clock: days("look", "看")},
				{Name: "BACK", Label: "待修改", Holder: matter.FirstAuthor, Clock: days("edit", "修改")},
				{Name: matter.Merged, Label: "已并案"},
			},
			Rules: slices.Concat([]workflow.Rule{
				{Action: "submit", Label: "提交", To: is("SUBMITTED"), Who: []workflow.Party{member.Member, matter.ForBody}, Input: hand{}, Audience: workflow.Everyone},
				{Action: "back", Label: "退回", From: is("SUBMITTED"), To: is("BACK"), Who: office, Input: back{}, Audience: workflow.Everyone},
				{Action: "again", Label: "再提交", From: is("BACK"), To: is("SUBMITTED"), Who: first, Input: again{}, Audience: workflow.Everyone},
				{Action: "judge", Label: "评价", From: is("SUBMITTED"), Who: first, Input: judge{}},
			}, matter.MergeRules(is("SUBMITTED"), office)),
		},
	})
}

// handIn opens a petition, and returns the fault.
func handIn(w *apptest.World, a member.Actor, o matter.Opening) (matter.Matter, error) {
	w.T.Helper()
	o.Kind, o.Action, o.Title, o.Category = petition, "submit", "修复人民路路灯", "CITY"
	var m *matter.Move
	err := w.DB.Tx(w.T.Context(), func(tx *store.Tx) (err error) {
		m, err = w.Matters.Open(w.T.Context(), tx, a, o)
		return err
	})
	if err != nil {
		return matter.Matter{}, err
	}
	return m.Matter, nil
}

func unitOf(w *apptest.World, name string, kind institution.UnitKind) institution.Unit {
	w.T.Helper()
	var u institution.Unit
	w.Write(func(tx *store.Tx) error {
		u = institution.AddUnit(tx, w.Clock.Now(), w.County.ID, name, kind)
		return nil
	})
	return u
}

func (r rowsOf) of(id string) []matter.Author {
	return slices.DeleteFunc(slices.Clone(r.authors), func(a matter.Author) bool { return a.MatterID != id })
}

// TestABodyIsAnAuthor: a body stands as the author under its name of that day,
// with who handed it in for it; lists call it by its name.
func TestABodyIsAnAuthor(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	bodies(w)
	party := unitOf(w, "民盟言城县支部", institution.Party)
	closed := unitOf(w, "旧支部", institution.Party)
	w.Write(func(tx *store.Tx) error {
		_, err := institution.CloseUnit(t.Context(), tx, w.Clock.Now(), w.County.ID, closed.ID, 1)
		return err
	})
	author, handler, staff := actor(w, apptest.Author), actor(w, apptest.LeadHandler), actor(w, apptest.Staff)

	for what, b := range map[string]matter.Body{
		"a unit of another kind":        {Kind: matter.PartyBody, UnitID: w.Units[0].ID},
		"a closed unit":                 {Kind: matter.PartyBody, UnitID: closed.ID},
		"a unit of another institution": {Kind: matter.UnitBody, UnitID: w.OtherUnit.ID},
		"a party without a unit":        {Kind: matter.PartyBody, Name: "民盟"},
		"a sector that there is not":    {Kind: matter.SectorBody, Name: "无此界别"},
		"a body of no kind":             {Name: "民盟"},
		"what is no identifier":         {Kind: matter.UnitBody, UnitID: "x"},
	} {
		if _, err := handIn(w, author, matter.Opening{Body: &b}); !errors.Is(err, matter.ErrBody) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := handIn(w, handler, matter.Opening{}); !errors.Is(err, matter.ErrNotYours) {
		t.Errorf("a unit's handler for themselves: %v", err)
	}

	unit := matter.Body{Kind: matter.UnitBody, UnitID: w.Units[0].ID}
	if !unit.Stands(handler) || unit.Stands(author) {
		t.Error("who works for a unit is told wrongly")
	}
	for body, by := range map[matter.Body]member.Actor{
		{Kind: matter.PartyBody, UnitID: party.ID}: author, unit: handler, {Kind: matter.SectorBody, Name: "农业界"}: author, {Kind: matter.PanelBody, Name: "第一联络组"}: author,
	} {
		x, err := handIn(w, by, matter.Opening{Body: &body, CoAuthors: []string{w.Person(apptest.CoAuthor).ID}})
		if err != nil {
			t.Fatalf("%+v: %v", body, err)
		}
		name := body.Name
		if name == "" {
			name = map[string]string{party.ID: "民盟言城县支部", w.Units[0].ID: w.Units[0].Name}[body.UnitID]
		}
		a := read(w).of(x.ID)
		if len(a) != 2 || a[0].BodyName != name || !a[0].Is(by.PersonID) || a[0].Name != by.Name || a[0].BodyKind != body.Kind || a[1].BodyName != "" {
			t.Errorf("%+v: %+v", body, a)
		}
		lines, err := w.Matters.List(t.Context(), staff, matter.Filter{Kind: petition, Limit: 1})
		if err != nil || lines[0].AuthorName != name {
			t.Errorf("the list calls it %q, %v", lines[0].AuthorName, err)
		}
		if p := matter.PartiesOf(by, x, a); !slices.Contains(p, matter.FirstAuthor) {
			t.Errorf("who handed it in is %v to it", p)
		}
	}
	page, err := w.Matters.Queue(t.Context(), staff, matter.QueueFilter{Kind: petition}, nil, 10)
	if err != nil || len(page.Tasks) != 4 || slices.ContainsFunc(page.Tasks, func(x matter.Task) bool { return x.AuthorName == author.Name }) {
		t.Errorf("%+v, %v", page, err)
	}
}

// TestABodyThatHasNobodyHere: what a lower institution hands in on paper has no
// person; nobody is told, the office is waited for in its place, and records what
// it says. Merged, each that it handed in stays.
func TestABodyThatHasNobodyHere(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	bodies(w)
	staff, author := actor(w, apptest.Staff), actor(w, apptest.Author)
	paper := &workflow.Paper{Date: "2026-03-02"}
	lower := &matter.Body{Kind: matter.InstitutionBody, Name: "石桥镇联络处"}
	if _, err := handIn(w, staff, matter.Opening{Paper: paper}); !errors.Is(err, matter.ErrAuthor) {
		t.Errorf("on paper without anybody: %v", err)
	}
	if _, err := handIn(w, staff, matter.Opening{Paper: paper, Body: &matter.Body{Kind: matter.SectorBody, Name: "农业界"}}); !errors.Is(err, matter.ErrAuthor) {
		t.Errorf("a sector without a contact: %v", err)
	}
	one, err := handIn(w, staff, matter.Opening{Paper: paper, Body: lower})
	if err != nil {
		t.Fatal(err)
	}
	act := func(a member.Actor, id, action string, in workflow.Input) (err error) {
		return w.DB.Tx(t.Context(), func(tx *store.Tx) error {
			_, _, err := w.Matters.Act(t.Context(), tx, a, petition, id, action, in)
			return err
		})
	}
	if err := act(staff, one.ID, "back", back{workflow.Seen{Version: 1}}); err != nil {
		t.Fatal(err)
	}
	r := read(w)
	if len(r.waiting) != 1 || r.waiting[0].Holder != "role:INFO_STAFF" || r.waiting[0].Step != "edit" {
		t.Errorf("waited for: %+v", r.waiting)
	}
	if a := r.of(one.ID); len(a) != 1 || a[0].PersonID != nil || a[0].Called() != lower.Name {
		t.Errorf("%+v", a)
	}
	for _, a := range []member.Actor{author, staff} { // nobody here is the body
		if err := act(a, one.ID, "again", again{workflow.Seen{Version: 2}}); err == nil {
			t.Errorf("%s acts as a body that has nobody here", a.Name)
		}
	}
	if err := act(staff, one.ID, "again", again{workflow.Seen{Version: 2, Paper: &workflow.Paper{Date: "2026-03-03"}}}); err != nil {
		t.Fatal(err)
	}
	if err := act(staff, one.ID, "judge", judge{workflow.Seen{Version: 3, Paper: &workflow.Paper{Date: "2026-03-03", Signer: "李干事"}}}); err != nil {
		t.Fatal(err)
	}
	var signed []string
	if err := w.DB.Gorm(t.Context()).Raw("SELECT actor_name FROM events WHERE matter_id = ? AND actor_id IS NULL ORDER BY id", one.ID).Scan(&signed).Error; err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(signed, []string{lower.Name, lower.Name, "李干事"}) {
		t.Errorf("the timeline says that it was %q", signed)
	}

	// The same body again; and somebody for oneself and for their party.
	two, err := handIn(w, staff, matter.Opening{Paper: paper, Body: lower})
	if err != nil {
		t.Fatal(err)
	}
	own, err := handIn(w, author, matter.Opening{})
	if err != nil {
		t.Fatal(err)
	}
	party := unitOf(w, "民盟言城县支部", institution.Party)
	theirs, err := handIn(w, author, matter.Opening{Body: &matter.Body{Kind: matter.PartyBody, UnitID: party.ID}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{two.ID, own.ID, theirs.ID} {
		if err := act(staff, x, "merge", matter.MergeInput{Seen: workflow.Seen{Version: 1}, TargetID: one.ID}); err != nil {
			t.Fatal(err)
		}
	}
	var calls []string
	for _, a := range read(w).of(one.ID) {
		calls = append(calls, a.Called())
	}
	if !slices.Equal(calls, []string{lower.Name, lower.Name, author.Name, party.Name}) {
		t.Errorf("merged, its authors are %q", calls)
	}
	var version int64
	if err := w.DB.Gorm(t.Context()).Raw("SELECT version FROM matters WHERE id = ?", one.ID).Scan(&version).Error; err != nil {
		t.Fatal(err)
	}
	before := told(w, author.PersonID)
	if err := act(staff, one.ID, "back", back{workflow.Seen{Version: version}}); err != nil {
		t.Fatal(err)
	}
	if n := told(w, author.PersonID) - before; n != 1 {
		t.Errorf("who is an author twice is told %d times", n)
	}
}

// told counts what somebody has been told.
func told(w *apptest.World, personID string) (n int) {
	w.T.Helper()
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT COUNT(*) FROM inbox WHERE person_id = ?", personID).Scan(&n).Error; err != nil {
		w.T.Fatal(err)
	}
	return n
}
