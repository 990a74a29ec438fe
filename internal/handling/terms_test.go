package handling_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/workflow"
)

const day = 24 * time.Hour

// dispatched opens a motion and gives it to the first unit, and the second as its
// co-unit.
func (s *stage) dispatched() string {
	s.T.Helper()
	id := s.open(apptest.Author, "完善老旧小区无障碍设施")
	s.on(apptest.Staff, id, "dispatch", func(v workflow.Seen) workflow.Input {
		return handling.HandOverInput{DispatchInput: handling.DispatchInput{Seen: v, LeadUnitID: s.Units[0].ID, CoUnitIDs: []string{s.Units[1].ID}}}
	})
	return id
}

// TestEachKindHasItsOwnClocks: a kind's terms do not touch those of another.
func TestEachKindHasItsOwnClocks(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.dispatched()
	want := func(unit int, all map[string]string) {
		t.Helper()
		got := s.clocks("assignment_id", s.with(id, unit).ID)
		for kind, due := range all {
			if d, ok := got[kind]; !ok || calendar.Of(d.DueAt).String() != due {
				t.Errorf("the time to %s of unit %d ends on %s, want %s", kind, unit, calendar.Of(d.DueAt), due)
			}
		}
		if len(got) != len(all) {
			t.Errorf("unit %d has the clocks %v", unit, got)
		}
	}
	// From Tuesday, 3 March 2026.
	want(0, map[string]string{"sign": "2026-03-10", "reply": "2026-06-03", "contact": "2026-03-24"})
	want(1, map[string]string{"sign": "2026-03-10", "opinion": "2026-04-03"})

	// The first contact is met by one that is logged, and goes on while signed.
	s.do("", id, 0, "sign_for", signed())
	if d := s.clocks("assignment_id", s.with(id, 0).ID)["contact"]; d.MetAt != nil {
		t.Errorf("signing met the time to the first contact")
	}
	s.do("", id, 0, "log_contact", map[string]any{"way": "VISIT", "summary": "到小区听取了提案人意见。"})
	if d := s.clocks("assignment_id", s.with(id, 0).ID)["contact"]; d.MetAt == nil {
		t.Errorf("a contact did not meet the time to the first")
	}
	s.do("", id, 1, "sign_for", signed())
	if d := s.clocks("assignment_id", s.with(id, 1).ID)["opinion"]; d.MetAt != nil || d.Label != "会办意见" {
		t.Errorf("the co-unit's time after signing: %+v", d)
	}
	s.do("", id, 1, "give_opinion", map[string]any{"body": "我单位同意配合。"})
	if d := s.clocks("assignment_id", s.with(id, 1).ID)["opinion"]; d.MetAt == nil {
		t.Errorf("an opinion did not meet its time")
	}
}

// TestAReplyWithoutContactLeavesTheClock of the first contact running until it
// passes; one that tells of a contact meets it.
func TestAReplyWithoutContactLeavesTheClock(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.dispatched()
	reply := map[string]any{"outcome": "A", "body": "已列入年度改造计划。", "contact_name": "张经办", "contact_phone": "0991-5550101", "way": "NONE"}
	s.do("", id, 0, "sign_for", signed())
	s.do("", id, 0, "reply", reply)
	contact := func() bool { return s.clocks("assignment_id", s.with(id, 0).ID)["contact"].MetAt != nil }
	if contact() {
		t.Error("a reply without contact met its time")
	}
	s.do(apptest.Staff, id, 0, "send_back_reply", map[string]any{"reason": "请先与提案人见面。"})
	reply["way"] = "IN_PERSON"
	s.do("", id, 0, "reply", reply)
	if !contact() {
		t.Error("a reply after a contact did not meet its time")
	}
}

// TestAReplyTellsOfTheContactThatWasLogged, where its unit says nothing else; of none
// where none was.
func TestAReplyTellsOfTheContactThatWasLogged(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.dispatched()
	reply := map[string]any{"outcome": "A", "body": "已列入年度改造计划。", "contact_name": "张经办", "contact_phone": "0991-5550101"}
	s.do("", id, 0, "sign_for", signed())
	for _, want := range []handling.Way{handling.None, handling.Visit, handling.Forum} {
		switch want {
		case handling.Visit:
			s.do("", id, 0, "log_contact", map[string]any{"way": "VISIT", "summary": "到小区听取了提案人意见。"})
		case handling.Forum:
			reply["way"] = "FORUM"
		}
		s.do("", id, 0, "reply", reply)
		r, err := gorm.G[handling.Reply](s.DB.Gorm(t.Context())).Where("matter_id = ?", id).Order("id DESC").First(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if r.Way != want {
			t.Errorf("the reply says %s, want %s", r.Way, want)
		}
		s.do(apptest.Staff, id, 0, "send_back_reply", map[string]any{"reason": "请再补充。"})
	}
}

// TestAnExtensionOfMonthsGoesToADay: as often as one likes, before the time is
// over, and never beyond six months in all; a substitute has the time that was
// given at first.
func TestAnExtensionOfMonthsGoesToADay(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.dispatched()
	s.do("", id, 0, "sign_for", signed())
	until := func(day string) map[string]any {
		return map[string]any{"until": day, "reason": "涉及多个部门，需要协调。"}
	}
	wantCode(t, s.ask("", id, 0, "ask_extension", until("2026-06-03")), "handling.until") // when it is due anyway
	wantCode(t, s.ask("", id, 0, "ask_extension", map[string]any{"until": "2026-07-01", "working_days": 3, "reason": "需要协调。"}), "handling.until")
	wantCode(t, s.ask("", id, 0, "ask_extension", until("2026-06-32")), "handling.until")
	a := s.ask("", id, 0, "ask_extension", until("2026-09-04"))
	wantCode(t, a, "handling.too_long")
	if !strings.Contains(string(a.Body), "6个月") {
		t.Errorf("%s", a.Body)
	}
	extend := func(asked map[string]any, due string) {
		t.Helper()
		s.do("", id, 0, "ask_extension", asked)
		s.do(apptest.Staff, id, 0, "grant_extension", nil)
		if d := s.clocks("assignment_id", s.with(id, 0).ID)["reply"]; calendar.Of(d.DueAt).String() != due || d.MetAt != nil {
			t.Errorf("extended to %s, want %s", calendar.Of(d.DueAt), due)
		}
	}
	extend(until("2026-07-15"), "2026-07-15")
	extend(map[string]any{"working_days": 3, "reason": "还需三天。"}, "2026-07-20")
	extend(until("2026-09-03"), "2026-09-03")
	if a := s.with(id, 0); a.ExtendedUntil.String() != "2026-09-03" || a.Extensions != 3 || a.GivenCount != 3 || a.GivenUnit != calendar.Month {
		t.Errorf("%+v", a)
	}
	s.Clock.Advance(200 * day) // longer than a session lasts
	late := s.with(id, 0)
	body := until("2026-12-01")
	body["version"] = late.Version
	wantCode(t, s.Send(apptest.Call{
		Method: http.MethodPost, Path: "/v1/assignments/" + late.ID + "/ask_extension", Token: s.Login(apptest.LeadHandler), Body: body,
	}), "handling.expired")
}

// TestADisputeKeepsToItsDays: a unit says within five working days that it is not
// its affair, in the words of the kind; the office answers within seven days.
func TestADisputeKeepsToItsDays(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.dispatched()
	s.Clock.Advance(7 * day) // the fifth working day
	s.do("", id, 0, "ask_return", map[string]any{"reason": "不属于我单位职责。", "better_unit": "言城县教育局"})
	if d := s.clocks("assignment_id", s.with(id, 0).ID)["return"]; calendar.Of(d.DueAt).String() != "2026-03-17" || d.Label != "异议答复" {
		t.Errorf("the answer is due: %+v", d)
	}
	s.do(apptest.Staff, id, 0, "allow_return", map[string]any{"unit_id": s.Units[2].ID})
	if d := s.clocks("assignment_id", s.with(id, 2).ID)["reply"]; d.Count != 3 || d.Unit != calendar.Month {
		t.Errorf("the substitute has %d %s", d.Count, d.Unit)
	}
	if got := s.told(apptest.LeadHandler, id); len(got) != 2 || got[1] != "异议已同意" {
		t.Errorf("the unit was told %v", got)
	}
	s.Clock.Advance(day)
	a := s.ask("", id, 1, "ask_return", map[string]any{"reason": "不属于我单位职责。"})
	wantCode(t, a, "handling.too_late")
	if !strings.Contains(string(a.Body), "逾期不作调整") {
		t.Errorf("%s", a.Body)
	}
}

// TestHandlingAgainHasItsOwnLength, and as often as the terms let staff order it.
func TestHandlingAgainHasItsOwnLength(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.dispatched()
	s.do("", id, 0, "sign_for", signed())
	s.do("", id, 0, "reply", map[string]any{"outcome": "C", "body": "留作参考。", "contact_name": "张经办", "contact_phone": "0991-5550101", "way": "PHONE"})
	s.do(apptest.Staff, id, 0, "pass", nil)
	if d := s.clocks("matter_id", id)["rate"]; calendar.Of(d.DueAt).String() != "2026-03-24" {
		t.Errorf("the rating is due on %s", calendar.Of(d.DueAt))
	}
	s.on(apptest.Author, id, "object", func(v workflow.Seen) workflow.Input {
		return handling.ObjectInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "答非所问。"}, Attitude: handling.Basically}
	})
	s.on(apptest.Staff, id, "rehandle", func(v workflow.Seen) workflow.Input {
		return handling.RehandleInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "请到现场核查。"}}
	})
	if a := s.with(id, 0); a.Round != 2 || calendar.Of(s.clocks("assignment_id", a.ID)["reply"].DueAt).String() != "2026-04-03" {
		t.Errorf("the second round: %+v, due %v", a, s.clocks("assignment_id", a.ID)["reply"].DueAt)
	}
}
