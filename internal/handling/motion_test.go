package handling_test

import (
	"errors"
	"maps"
	"net/http"
	"testing"

	"gorm.io/gorm"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// motion is a kind of these tests, whose tail has other terms than that of 微建议.
const motion matter.Kind = "motion"

// hand is the input with which a motion is handed in.
type hand struct{ workflow.New }

func months(n int) calendar.Span { return calendar.Span{Count: n, Unit: calendar.Month} }

// terms are those that domain.md §3.3 has for 提案.
func terms() handling.Terms {
	t := handling.Usual()
	t.Sign, t.Reply, t.Again, t.Opinion, t.Contact = calendar.WorkingDays(5), months(3), months(1), months(1), calendar.WorkingDays(15)
	t.Check, t.Rate, t.HandOver = calendar.WorkingDays(3), calendar.WorkingDays(15), true
	t.Return = handling.Return{Dispute: true, Within: calendar.WorkingDays(5), Decide: calendar.Days(7)}
	t.Extension = handling.Extension{InAll: months(6), Decide: calendar.WorkingDays(3), Before: true}
	return t
}

// stage is a world with motions.
type stage struct{ *apptest.World }

func newStage(t *testing.T, terms handling.Terms) *stage {
	t.Helper()
	w := apptest.New(t)
	office := []workflow.Party{member.InfoStaff, member.ProposalStaff}
	filed := []workflow.Status{"FILED"}
	rules := []workflow.Rule{{Action: "submit", Label: "提交", To: filed, Who: []workflow.Party{member.Member}, Input: hand{}, Audience: workflow.Everyone}}
	rules = append(rules, matter.MergeRules(filed, office)...)
	rules = append(rules, handling.Rules("FILED", terms)...)
	clock := workflow.Clock{Kind: "dispatch", Label: "交办", Span: calendar.WorkingDays(1)}
	states := append([]workflow.State{
		{Name: "FILED", Label: "待交办", Holder: member.ProposalStaff, Clock: clock}, {Name: matter.Merged, Label: "已并案"},
	}, handling.States(terms)...)
	effects := w.Matters.SharedEffects()
	maps.Copy(effects, w.Handling.Effects(motion, terms))
	w.Matters.Register(matter.Head{
		Kind: motion, Flow: workflow.Table{Name: string(motion), Label: "议案", States: states, Rules: rules}, Effects: effects,
		MergeInto: filed, UnmergeFrom: filed,
	})
	return &stage{w}
}

func (s *stage) actor(name string) member.Actor {
	s.T.Helper()
	c, err := s.Accounts.Caller(s.T.Context(), s.Token(name))
	if err != nil {
		s.T.Fatal(err)
	}
	return *c.Actor
}

// open hands a motion in.
func (s *stage) open(name, title string) string {
	s.T.Helper()
	var id string
	s.Write(func(tx *store.Tx) error {
		m, err := s.Matters.Open(s.T.Context(), tx, s.actor(name), matter.Opening{Kind: motion, Action: "submit", Title: title, Category: "CITY"})
		if err == nil {
			id = m.Matter.ID
		}
		return err
	})
	return id
}

// try takes an action on a motion itself, which has no routes, in the version that
// it has.
func (s *stage) try(name, id, action string, input func(workflow.Seen) workflow.Input) error {
	s.T.Helper()
	actor := s.actor(name)
	return s.DB.Tx(s.T.Context(), func(tx *store.Tx) error {
		x, err := gorm.G[matter.Matter](tx.Gorm(s.T.Context())).Where("id = ?", id).First(s.T.Context())
		if err != nil {
			return err
		}
		_, _, err = s.Matters.Act(s.T.Context(), tx, actor, motion, id, action, input(workflow.Seen{Version: x.Version}))
		return err
	})
}

// on is try for what must go well.
func (s *stage) on(name, id, action string, input func(workflow.Seen) workflow.Input) {
	s.T.Helper()
	if err := s.try(name, id, action, input); err != nil {
		s.T.Fatalf("%s %s by %s: %v", action, id, name, err)
	}
}

// status is where a motion stands.
func (s *stage) status(id string) workflow.Status {
	s.T.Helper()
	x, err := gorm.G[matter.Matter](s.DB.Gorm(s.T.Context())).Where("id = ?", id).First(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	return x.Status
}

// handler is who handles for a unit of the world.
func (s *stage) handler(unitID string) string {
	s.T.Helper()
	for i, u := range s.Units {
		if u.ID == unitID {
			return []string{apptest.LeadHandler, apptest.CoHandler, apptest.OtherHandler}[i]
		}
	}
	s.T.Fatalf("there is no unit %s", unitID)
	return ""
}

// with returns the assignment of a unit, by its number in the world, in the last
// round that it has.
func (s *stage) with(id string, unit int) handling.Assignment {
	s.T.Helper()
	a, err := gorm.G[handling.Assignment](s.DB.Gorm(s.T.Context())).Where("matter_id = ? AND unit_id = ?", id, s.Units[unit].ID).
		Order("round DESC").First(s.T.Context())
	if err != nil {
		s.T.Fatalf("the assignment of unit %d: %v", unit, err)
	}
	return a
}

// ask takes an action on the assignment of a unit by the API: the unit's handler
// where who is empty.
func (s *stage) ask(who, id string, unit int, action string, body map[string]any) apptest.Answer {
	s.T.Helper()
	a := s.with(id, unit)
	if who == "" {
		who = s.handler(a.UnitID)
	}
	all := map[string]any{"version": a.Version}
	maps.Copy(all, body)
	return s.Post(who, "/v1/assignments/"+a.ID+"/"+action, all)
}

// do is ask for what must go well.
func (s *stage) do(who, id string, unit int, action string, body map[string]any) {
	s.T.Helper()
	s.ask(who, id, unit, action, body).Want(s.T, http.StatusOK)
}

func signed() map[string]any {
	return map[string]any{"handler_name": "张经办", "handler_phone": "0991-5550101"}
}

// clocks returns the clocks of a matter or an assignment, by kind; the newest of
// each.
func (s *stage) clocks(where, id string) map[string]matter.Deadline {
	s.T.Helper()
	rows, err := gorm.G[matter.Deadline](s.DB.Gorm(s.T.Context())).Where(where+" = ?", id).Order("id").Find(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	by := map[string]matter.Deadline{}
	for _, d := range rows {
		by[d.Kind] = d
	}
	return by
}

// told lists the titles of what somebody was told of a matter.
func (s *stage) told(name, id string) []string {
	s.T.Helper()
	var titles []string
	err := s.DB.Gorm(s.T.Context()).Raw("SELECT title FROM inbox WHERE person_id = ? AND matter_id = ? ORDER BY id", s.Person(name).ID, id).Scan(&titles).Error
	if err != nil {
		s.T.Fatal(err)
	}
	return titles
}

// wantCode holds that an answer is a problem of a code.
func wantCode(t *testing.T, a apptest.Answer, code string) {
	t.Helper()
	if a.Code() != code {
		t.Errorf("%d %s, want %s: %s", a.Status, a.Code(), code, a.Body)
	}
}

// wantFault holds that an error is a fault of a code.
func wantFault(t *testing.T, err error, want *fault.Fault) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %s", err, want.Code)
	}
}
