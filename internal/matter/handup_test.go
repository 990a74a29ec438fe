package matter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/suggestion"
	"yanlu/internal/workflow"
)

// chain is a county, the city above it and the province above that, which hand
// suggestions up.
type chain struct {
	*apptest.World
	city, province           institution.Institution
	cityStaff, provinceStaff member.Actor
	unit                     institution.Unit // of the province
	handler                  member.Actor
}

func newChain(w *apptest.World) *chain {
	w.T.Helper()
	c := &chain{World: w}
	alter(w, func(h *matter.Head) {
		is := func(s ...workflow.Status) []workflow.Status { return s }
		open := is(suggestion.Accepted, handling.Handling)
		h.Flow.Rules = append(h.Flow.Rules, matter.HandUpRules(open, nil, open, []workflow.Party{member.InfoStaff, member.ProposalStaff})...)
		h.Upward = &matter.Upward{Action: "submit", Row: func(_ context.Context, m, up *matter.Move) error {
			m.Tx.Exec(`INSERT INTO suggestions (matter_id, institution_id, body, place, route, proposed_json, rejection, channel, escalated_to)
				SELECT ?, ?, body, place, '', '[]', '', '', '' FROM suggestions WHERE matter_id = ?`, up.Matter.ID, up.Matter.InstitutionID, m.Matter.ID)
			return nil
		}}
	})
	people := map[string]member.Person{}
	now := w.Clock.Now()
	w.Write(func(tx *store.Tx) error {
		c.province = institution.Add(tx, now, "天山省政协", institution.Province, institution.SmallOffice, nil)
		c.city = institution.Add(tx, now, "天河市政协", institution.Prefecture, institution.SmallOffice, &c.province.ID)
		tx.Exec("UPDATE institutions SET parent_id = ? WHERE id = ?", c.city.ID, w.County.ID)
		c.unit = institution.AddUnit(tx, now, c.province.ID, "天山省水利厅", institution.HandlingUnit)
		for _, x := range []struct {
			name, at string
			role     member.Role
			unit     string
		}{{"市·工作人员", c.city.ID, member.InfoStaff, ""}, {"省·工作人员", c.province.ID, member.InfoStaff, ""}, {"省·经办人", c.province.ID, member.UnitHandler, c.unit.ID}} {
			p, err := w.People.Add(tx, now, member.NewPerson{InstitutionID: x.at, Name: x.name})
			if err != nil {
				return err
			}
			member.Appoint(tx, now, p, x.role, x.unit)
			people[x.name] = p
		}
		return nil
	})
	as := func(name string) member.Actor {
		p := people[name]
		found, err := member.Actors(w.T.Context(), w.DB, p.InstitutionID, []string{p.ID}, calendar.Of(now))
		if err != nil {
			w.T.Fatal(err)
		}
		return found[0]
	}
	c.cityStaff, c.provinceStaff, c.handler = as("市·工作人员"), as("省·工作人员"), as("省·经办人")
	return c
}

// try takes an action on a matter, from the version that it has.
func (c *chain) try(a member.Actor, id, action string, in func(workflow.Seen) workflow.Input) error {
	c.T.Helper()
	x := c.find(id)
	return c.DB.Tx(c.T.Context(), func(tx *store.Tx) error {
		_, _, err := c.Matters.Act(c.T.Context(), tx, a, suggestion.Kind, id, action, in(workflow.Seen{Version: x.Version}))
		return err
	})
}

func (c *chain) do(a member.Actor, id, action string, in func(workflow.Seen) workflow.Input) {
	c.T.Helper()
	if err := c.try(a, id, action, in); err != nil {
		c.T.Fatalf("%s by %s: %v", action, a.Name, err)
	}
}

func (c *chain) find(id string) (x matter.Matter) {
	c.T.Helper()
	if err := c.DB.Gorm(c.T.Context()).Where("id = ?", id).First(&x).Error; err != nil {
		c.T.Fatal(err)
	}
	return x
}

func accepts(v workflow.Seen) workflow.Input {
	return suggestion.AcceptInput{Seen: v, Route: suggestion.ByUnit}
}
func returns(v workflow.Seen) workflow.Input {
	return suggestion.ReturnInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "请补充河段。"}}
}
func handsUp(v workflow.Seen) workflow.Input { return matter.HandUpInput{Seen: v} }

// upper is the newest matter that one became above.
func (c *chain) upper(id string) matter.Matter {
	c.T.Helper()
	var found string
	if err := c.DB.Gorm(c.T.Context()).Raw("SELECT CAST(upper_id AS TEXT) FROM handups WHERE matter_id = ? ORDER BY id DESC LIMIT 1", id).Scan(&found).Error; err != nil {
		c.T.Fatal(err)
	}
	return c.find(found)
}

// lines are what the timeline of a matter got from above, in their order.
func (c *chain) lines(id string) (said []string) {
	c.T.Helper()
	if err := c.DB.Gorm(c.T.Context()).Raw("SELECT comment FROM events WHERE matter_id = ? AND action = 'feedback' ORDER BY id", id).Scan(&said).Error; err != nil {
		c.T.Fatal(err)
	}
	return said
}

// inbox is what somebody was told that is of matters handed up, in its order.
func (c *chain) inbox(name string) (said []string) {
	c.T.Helper()
	err := c.DB.Gorm(c.T.Context()).Raw("SELECT title || ' / ' || body FROM inbox WHERE person_id = ? AND title LIKE '%上报后%' ORDER BY id", c.Person(name).ID).Scan(&said).Error
	if err != nil {
		c.T.Fatal(err)
	}
	return said
}

// drain takes down all that is there, by several servers at once.
func (c *chain) drain(servers int) {
	c.T.Helper()
	for range 6 { // one may find nothing while another has what is next
		var wg sync.WaitGroup
		for range servers {
			wg.Go(func() {
				for {
					more, err := c.Matters.Feedback(c.T.Context())
					if err != nil {
						c.T.Error(err)
					}
					if !more {
						return
					}
				}
			})
		}
		wg.Wait()
	}
	var left int
	if err := c.DB.Gorm(c.T.Context()).Raw("SELECT COUNT(*) FROM feedback").Scan(&left).Error; err != nil || left > 0 {
		c.T.Errorf("%d rows were not taken down, %v", left, err)
	}
}

// report hands a suggestion of the county in, with a co-author who agrees, takes
// it up there and returns its identifier.
func (c *chain) report() string {
	c.T.Helper()
	s := newWalk(c.World)
	s.submitAs(apptest.Author, map[string]any{"co_author_ids": []string{c.Person(apptest.CoAuthor).ID, c.Person(apptest.InvitedMember).ID}})
	s.act(apptest.CoAuthor, "", "agree", nil)
	s.accept()
	return s.id
}

// TestWhatIsHandedUpComesBackToItsFirstAuthor over three levels: the county hands
// up to the city, the city to the province; what the province decides comes down
// to the city and to the authors in the county, each line and each message once,
// however many servers take it down; and nobody reads the matter of another level.
func TestWhatIsHandedUpComesBackToItsFirstAuthor(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	c := newChain(w)
	staff := actor(w, apptest.Staff)
	id := c.report()
	c.do(staff, id, "hand_up", handsUp)
	inCity := c.upper(id)
	c.do(c.cityStaff, inCity.ID, "accept", accepts)
	c.do(c.cityStaff, inCity.ID, "hand_up", handsUp)
	inProvince := c.upper(inCity.ID)

	// What went up: a body without a person, and names as text.
	for _, x := range []struct {
		m                     matter.Matter
		at, body, names, from string
	}{
		{inCity, c.city.ID, "言城县政协", apptest.Author + "、" + apptest.CoAuthor, id},
		{inProvince, c.province.ID, "天河市政协", "言城县政协 " + apptest.Author + "、" + apptest.CoAuthor, inCity.ID},
	} {
		a := read(w).of(x.m.ID)
		if x.m.InstitutionID != x.at || *x.m.OriginID != x.from || len(a) != 1 || a[0].PersonID != nil || a[0].BodyName != x.body || a[0].Name != x.names || a[0].Sector != "农业界" || a[0].OnBehalfBy != nil {
			t.Errorf("%+v is by %+v", x.m, a)
		}
	}
	var texts []string
	if err := w.DB.Gorm(t.Context()).Raw("SELECT DISTINCT body FROM suggestions").Scan(&texts).Error; err != nil || len(texts) != 1 {
		t.Errorf("the texts differ: %q, %v", texts, err)
	}

	// Twice at once, and while it is there, it is not handed up again.
	if err := c.try(staff, id, "hand_up", handsUp); !errors.Is(err, matter.ErrHandedUp) {
		t.Errorf("handed up twice: %v", err)
	}

	// The province's unit answers.
	c.do(c.provinceStaff, inProvince.ID, "accept", accepts)
	c.do(c.provinceStaff, inProvince.ID, "dispatch", func(v workflow.Seen) workflow.Input {
		return handling.DispatchInput{Seen: v, LeadUnitID: c.unit.ID}
	})
	c.answer(inProvince.ID)
	if got := len(c.lines(id)); got != 0 {
		t.Errorf("%d lines are down before anybody took them", got)
	}
	c.drain(4)
	c.drain(1)

	city := []string{"天山省政协：受理。", "天山省政协：转办。主办：天山省水利厅。", "天山省政协：签收。天山省水利厅。", "天山省政协：答复已送达。天山省水利厅。已列入明年治理计划。"}
	if got := c.lines(inCity.ID); !slices.Equal(got, city) {
		t.Errorf("the city reads %q", got)
	}
	county := slices.Concat([]string{"天河市政协：受理。", "天河市政协：上报上级。上报到天山省政协。"}, city)
	if got := c.lines(id); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(county))) {
		t.Errorf("the county reads %q", got)
	}
	for _, name := range []string{apptest.Author, apptest.CoAuthor} {
		got := c.inbox(name)
		if len(got) != 4 || !strings.Contains(got[len(got)-1], "天山省政协对“修复人民路路灯”答复如下：已列入明年治理计划。") {
			t.Errorf("%s was told %d times: %q", name, len(got), got)
		}
	}
	if got := c.inbox(apptest.InvitedMember); len(got) > 0 {
		t.Errorf("who has not agreed was told %q", got)
	}

	// The county's office sees where it stands; nobody reads across.
	var v struct {
		HandedUp []struct {
			Organ       string
			Here        bool
			StatusLabel string `json:"status_label"`
		} `json:"handed_up"`
	}
	w.Get(apptest.Staff, "/v1/suggestions/"+id).Into(t, http.StatusOK, &v)
	if len(v.HandedUp) != 1 || v.HandedUp[0].Organ != "天河市政协" || !v.HandedUp[0].Here || v.HandedUp[0].StatusLabel != "已受理" {
		t.Errorf("the office reads %+v", v.HandedUp)
	}
	if a := w.Get(apptest.Author, "/v1/suggestions/"+id); strings.Contains(string(a.Body), "handed_up") {
		t.Error("the author reads what is the office's")
	}
	for _, a := range []member.Actor{staff, actor(w, apptest.Leader), actor(w, apptest.Author), c.cityStaff, c.provinceStaff, c.handler} {
		for _, x := range []matter.Matter{c.find(id), inCity, inProvince} {
			_, _, err := w.Matters.Find(t.Context(), w.DB, a, suggestion.Kind, x.ID)
			if own := x.InstitutionID == a.InstitutionID; own != (err == nil) {
				t.Errorf("%s finds the matter of %s: %v", a.Name, x.InstitutionID, err)
			}
		}
	}
}

// answer lets the province's unit sign for the newest assignment of a matter and
// answer, and lets the answer pass.
func (c *chain) answer(id string) {
	c.T.Helper()
	step := func(a member.Actor, action string, in func(workflow.Seen) workflow.Input) {
		c.T.Helper()
		var asg handling.Assignment
		if err := c.DB.Gorm(c.T.Context()).Where("matter_id = ?", id).Order("id DESC").First(&asg).Error; err != nil {
			c.T.Fatal(err)
		}
		err := c.DB.Tx(c.T.Context(), func(tx *store.Tx) error {
			_, err := c.Handling.Act(c.T.Context(), tx, a, asg.ID, action, in(workflow.Seen{Version: asg.Version}))
			return err
		})
		if err != nil {
			c.T.Fatalf("%s: %v", action, err)
		}
	}
	step(c.handler, "sign_for", func(v workflow.Seen) workflow.Input {
		return handling.SignForInput{Seen: v, HandlerName: "经办人", HandlerPhone: "0991-5550101"}
	})
	step(c.handler, "reply", func(v workflow.Seen) workflow.Input {
		return handling.ReplyInput{Seen: v, Outcome: "A", Body: "已列入明年治理计划。", ContactName: "经办人", ContactPhone: "0991-5550101", Way: handling.None}
	})
	step(c.provinceStaff, "pass", func(v workflow.Seen) workflow.Input { return handling.PassInput{Seen: v} })
}

// TestHandingUpNeedsSomebodyAbove: who has no parent, or one that takes nothing in
// here, hands up to who is named, and books what comes back; what was handed up
// before comes back as ever.
func TestHandingUpNeedsSomebodyAbove(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	c := newChain(w)
	staff := actor(w, apptest.Staff)
	id := c.report()
	c.do(staff, id, "hand_up", handsUp)
	inCity := c.upper(id)

	w.Write(func(tx *store.Tx) error { // the city closes it, and all of its people are suspended
		tx.Exec("UPDATE people SET suspended_at = ? WHERE institution_id = ?", w.Clock.Now(), c.city.ID)
		return institution.Set(tx, w.Clock.Now(), c.city.ID, matter.FromLower(), json.RawMessage("false"))
	})
	other := c.report()
	if err := c.try(staff, other, "hand_up", handsUp); !errors.Is(err, matter.ErrNoParent) {
		t.Errorf("to one who takes nothing in: %v", err)
	}
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE institutions SET parent_id = NULL WHERE id = ?", w.County.ID)
		return nil
	})
	if err := c.try(staff, other, "hand_up", handsUp); !errors.Is(err, matter.ErrNoParent) {
		t.Errorf("to nobody: %v", err)
	}
	c.do(c.cityStaff, inCity.ID, "return", returns)
	c.drain(2)
	if got := c.lines(id); !slices.Equal(got, []string{"天河市政协：退回修改。请补充河段。"}) {
		t.Errorf("what came back: %q", got)
	}
	if got := c.inbox(apptest.Author); len(got) != 1 {
		t.Errorf("the author was told %q", got)
	}

	// Who uses another system: the office books what comes back.
	book := func(organ string, r matter.Above, text string) func(workflow.Seen) workflow.Input {
		return func(v workflow.Seen) workflow.Input {
			return matter.AboveInput{Seen: v, Organ: organ, Result: r, Number: "市政协第88号", Text: text}
		}
	}
	if err := c.try(staff, other, "book_above", book("", matter.FiledAbove, "")); !errors.Is(err, matter.ErrNotHandedUp) {
		t.Errorf("booked without having been handed up: %v", err)
	}
	c.do(staff, other, "hand_up", func(v workflow.Seen) workflow.Input { return matter.HandUpInput{Seen: v, Organ: "市政协"} })
	if err := c.try(staff, other, "book_above", book("省政协", matter.FiledAbove, "")); !errors.Is(err, matter.ErrNotHandedUp) {
		t.Errorf("booked of another: %v", err)
	}
	c.do(staff, other, "book_above", book("", matter.FiledAbove, ""))
	c.do(staff, other, "book_above", book("市政协", matter.PraisedAbove, "年度优秀。"))
	var v struct {
		HandedUp []struct {
			Organ, Number string
			ResultLabel   string `json:"result_label"`
			Here          bool
		} `json:"handed_up"`
	}
	w.Get(apptest.Staff, "/v1/suggestions/"+other).Into(t, http.StatusOK, &v)
	if len(v.HandedUp) != 1 || v.HandedUp[0].Number != "市政协第88号" || v.HandedUp[0].ResultLabel != "被评为优秀" || v.HandedUp[0].Here {
		t.Errorf("the office reads %+v", v.HandedUp)
	}
	got := c.inbox(apptest.Author)
	if len(got) != 3 || !strings.HasSuffix(got[2], "“修复人民路路灯”上报后：市政协被评为优秀，编号市政协第88号：年度优秀。") {
		t.Errorf("the author was told %q", got)
	}
}

// TestWhatWasGivenBackIsHandedUpAgain: mended, it goes up anew; what was given back
// is waited for by the office above, and ends by itself when its time is over.
func TestWhatWasGivenBackIsHandedUpAgain(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	c := newChain(w)
	staff := actor(w, apptest.Staff)
	id := c.report()
	c.do(staff, id, "hand_up", handsUp)
	old := c.upper(id)
	c.do(c.cityStaff, old.ID, "return", returns)
	c.do(staff, id, "hand_up", handsUp)
	if again := c.upper(id); again.ID == old.ID || again.InstitutionID != c.city.ID {
		t.Errorf("handed up again it is %+v", again)
	}
	w.Clock.Advance(20 * 24 * time.Hour)
	if err := w.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x := c.find(old.ID); x.Status != suggestion.Withdrawn {
		t.Errorf("what was given back is %s", x.Status)
	}
	if got := c.lines(id); len(got) != 2 || got[1] != "天河市政协：逾期未修改，自动撤回。" {
		t.Errorf("the county reads %q", got)
	}
}

// TestMergedAboveItStillComesBack: each report has its answer, merged
// with another or not; and who handed either up learns of it, and when they part.
func TestMergedAboveItStillComesBack(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	c := newChain(w)
	staff := actor(w, apptest.Staff)
	one, two := c.report(), c.report()
	c.do(staff, one, "hand_up", handsUp)
	c.do(staff, two, "hand_up", handsUp)
	into := c.upper(one)
	c.do(c.cityStaff, c.upper(two).ID, "merge", func(v workflow.Seen) workflow.Input {
		return matter.MergeInput{Seen: v, TargetID: into.ID}
	})
	c.do(c.cityStaff, into.ID, "accept", accepts)
	c.drain(3)
	if got := c.lines(one); !slices.Equal(got, []string{"天河市政协：另一件内容相近的微建议已并入这一件，一起办理。", "天河市政协：受理。"}) {
		t.Errorf("of what others were merged into: %q", got)
	}
	if got := c.lines(two); !slices.Equal(got, []string{"天河市政协：并案。并入“修复人民路路灯”。", "天河市政协：受理。"}) {
		t.Errorf("of what was merged: %q", got)
	}
	if got := c.inbox(apptest.Author); len(got) != 4 || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "您的“") }) {
		t.Errorf("the author was told %q", got)
	}
	c.do(c.cityStaff, c.upper(two).ID, "unmerge", func(v workflow.Seen) workflow.Input {
		return matter.UnmergeInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "不是同一处。"}}
	})
	c.drain(1)
	if got := c.lines(one); len(got) != 3 || got[2] != "天河市政协：并入这一件的另一件微建议已分出，单独办理。" {
		t.Errorf("parted again: %q", got)
	}
	if got := c.lines(two); len(got) != 3 || !strings.HasPrefix(got[2], "天河市政协：撤销并案。不是同一处") {
		t.Errorf("what was merged, parted again: %q", got)
	}
}

// TestOneThatCannotBeTakenDownKeepsNoOther: it rests, and is taken down when what
// was wrong is mended, in its order; what was decided above stands at once.
func TestOneThatCannotBeTakenDownKeepsNoOther(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	c := newChain(w)
	staff := actor(w, apptest.Staff)
	bad, good := c.report(), c.report()
	for _, id := range []string{bad, good} {
		c.do(staff, id, "hand_up", handsUp)
	}
	mend := c.breakEvents(bad)
	for _, id := range []string{bad, good} {
		c.do(c.cityStaff, c.upper(id).ID, "accept", accepts)
	}
	failed := 0
	for range 8 {
		if _, err := w.Matters.Feedback(t.Context()); err != nil {
			failed++
		}
	}
	if failed != 1 || len(c.lines(good)) != 1 || len(c.lines(bad)) != 0 {
		t.Errorf("failed %d times; the good one has %q, the bad one %q", failed, c.lines(good), c.lines(bad))
	}
	mend()
	if more, err := w.Matters.Feedback(t.Context()); more || err != nil {
		t.Errorf("it does not rest: %t, %v", more, err)
	}
	w.Clock.Advance(2 * time.Minute)
	c.drain(1)
	if got := c.lines(bad); len(got) != 1 || len(c.inbox(apptest.Author)) != 2 {
		t.Errorf("mended: %q", got)
	}
}

// breakEvents lets no line be written into the timeline of a matter, until what it
// returns is called.
func (c *chain) breakEvents(id string) (mend func()) {
	c.T.Helper()
	exec := func(statements ...string) {
		c.T.Helper()
		c.Write(func(tx *store.Tx) error {
			for _, s := range statements {
				tx.Exec(s)
			}
			return nil
		})
	}
	if !c.DB.Postgres() {
		exec(fmt.Sprintf("CREATE TRIGGER broken BEFORE INSERT ON events WHEN NEW.matter_id = '%s' BEGIN SELECT RAISE(ABORT, 'broken'); END", id))
		return func() { exec("DROP TRIGGER broken") }
	}
	exec("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$",
		fmt.Sprintf("CREATE TRIGGER broken BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.matter_id = '%s') EXECUTE FUNCTION broken()", id))
	return func() { exec("DROP TRIGGER broken ON events", "DROP FUNCTION broken") }
}
