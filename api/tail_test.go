package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// clocks returns the deadlines of an assignment by kind.
func clocks(w *apptest.World, assignmentID string) map[string]matter.Deadline {
	w.T.Helper()
	var rows []matter.Deadline
	if err := w.DB.Gorm(w.T.Context()).Where("assignment_id = ?", assignmentID).Order("id").Find(&rows).Error; err != nil {
		w.T.Fatal(err)
	}
	by := map[string]matter.Deadline{}
	for _, d := range rows {
		by[d.Kind] = d
	}
	return by
}

func has(titles []string, word string) bool {
	return slices.ContainsFunc(titles, func(s string) bool { return strings.Contains(s, word) })
}

// TestAskingForTimeDoesNotStopTheClock: while an extension or a release is asked
// for, the time to reply runs on; a reply that is late was late.
func TestAskingForTimeDoesNotStopTheClock(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	_, lead, co := inHands(w)
	path := "/v1/assignments/" + lead
	act(w, apptest.CoHandler, "/v1/assignments/"+co+"/ask_return", map[string]any{"version": 1, "reason": "不属于我单位职责。"})
	if d := clocks(w, co)["reply"]; d.MetAt != nil {
		t.Errorf("asking for the release met it at %v", d.MetAt)
	}
	act(w, apptest.LeadHandler, path+"/sign_for", signFor(1))
	w.Clock.Advance(4 * 24 * time.Hour)
	act(w, apptest.LeadHandler, path+"/ask_extension", map[string]any{"version": 2, "working_days": 5, "reason": "需要招标。"})
	d := clocks(w, lead)["reply"]
	if d.MetAt != nil {
		t.Fatalf("asking for more time met it at %v", d.MetAt)
	}
	w.Clock.Advance(16 * 24 * time.Hour)
	groups, _, err := w.Watch.Overdue(t.Context(), apptestActor(w))
	if err != nil || !slices.ContainsFunc(groups, func(g matter.LateHolder) bool {
		return slices.ContainsFunc(g.Items, func(l matter.Late) bool { return l.Label == "答复" })
	}) {
		t.Errorf("who is late: %+v, %v", groups, err)
	}
	act(w, apptest.LeadHandler, path+"/reply", replyBody(3))
	if d = clocks(w, lead)["reply"]; d.MetAt == nil || !d.MetAt.After(d.DueAt) {
		t.Errorf("a late reply: due %v, met %v", d.DueAt, d.MetAt)
	}
}

// apptestActor is the office as an actor.
func apptestActor(w *apptest.World) member.Actor {
	w.T.Helper()
	c, err := w.Accounts.Caller(w.T.Context(), w.Token(apptest.Staff))
	if err != nil {
		w.T.Fatal(err)
	}
	return *c.Actor
}

// TestUnitsAreToldWhatTheyMustDo: of a reply that is sent back, of a release, of
// what they no longer need to do.
func TestUnitsAreToldWhatTheyMustDo(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s, lead, _ := inHands(w)
	path := "/v1/assignments/" + lead
	act(w, apptest.LeadHandler, path+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, path+"/reply", replyBody(2))
	act(w, apptest.Staff, path+"/send_back_reply", map[string]any{"version": 3, "reason": "请写明日期。"})
	if got := told(w, apptest.LeadHandler, s.ID); !has(got, "请修改") {
		t.Errorf("the unit whose reply was sent back was told %v", got)
	}
	act(w, apptest.LeadHandler, path+"/reply", replyBody(4))
	act(w, apptest.Staff, path+"/pass", map[string]any{"version": 5})
	if got := told(w, apptest.CoHandler, s.ID); !has(got, "无需再提") {
		t.Errorf("the co-unit was told %v", got)
	}
}

// TestAPushSaysWhenItIsDue: the day on which the unit's answer is due, not the
// moment of the push.
func TestAPushSaysWhenItIsDue(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	step(w, apptest.Staff, s.ID, "accept", map[string]any{"route": "DIRECT_UNIT"})
	step(w, apptest.Staff, s.ID, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID, "working_days": 40})
	var values []string
	if err := w.DB.Gorm(t.Context()).Raw("SELECT values_json FROM pushes WHERE event = 'task'").Scan(&values).Error; err != nil {
		t.Fatal(err)
	}
	// Signing is due first: two working days from Tuesday, 3 March.
	if len(values) != 1 || !strings.Contains(values[0], `"due":"2026-03-05 23:59"`) || !strings.Contains(values[0], `"kind":"微建议"`) {
		t.Errorf("%v", values)
	}
}

// TestASubstituteHasTheTimeThatWasGiven, and the released unit sees the matter no
// more.
func TestASubstituteHasTheTimeThatWasGiven(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := submit(w, apptest.Author)
	step(w, apptest.Staff, s.ID, "accept", map[string]any{"route": "DIRECT_UNIT"})
	step(w, apptest.Staff, s.ID, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}, "working_days": 40})
	var lead, co, other string
	for _, a := range look(w, apptest.Staff, s.ID).Assignments {
		if a.Role == "LEAD" {
			lead = a.ID
		} else {
			co = a.ID
		}
	}
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/ask_return", map[string]any{"version": 1, "reason": "不属于我单位职责。"})
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/allow_return", map[string]any{"version": 2, "unit_id": w.Units[2].ID})
	for _, a := range look(w, apptest.OtherHandler, s.ID).Assignments {
		if a.Role == "LEAD" && a.Status == "DISPATCHED" {
			other = a.ID
		}
	}
	if d := clocks(w, other)["reply"]; d.Count != 40 {
		t.Errorf("the substitute has %d days", d.Count)
	}
	wantCode(t, w.Get(apptest.LeadHandler, suggestions+s.ID), http.StatusNotFound, "matter.not_found")
	if got := told(w, apptest.LeadHandler, s.ID); !has(got, "申退已同意") {
		t.Errorf("the released unit was told %v", got)
	}
	// A co-unit's extension is none of the answer that the author waits for.
	act(w, apptest.CoHandler, "/v1/assignments/"+co+"/sign_for", signFor(1))
	act(w, apptest.CoHandler, "/v1/assignments/"+co+"/ask_extension", map[string]any{"version": 2, "working_days": 5, "reason": "需要招标。"})
	act(w, apptest.Staff, "/v1/assignments/"+co+"/grant_extension", map[string]any{"version": 3})
	if got := told(w, apptest.Author, s.ID); has(got, "延期") {
		t.Errorf("the author was told %v", got)
	}
}

// TestTheChairDecidesTheSecondObjection: a dispatch anew is no re-handling; after
// the one that staff may order, it waits for the chair, who sees it.
func TestTheChairDecidesTheSecondObjection(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	const chair = apptest.Subject
	w.Write(func(tx *store.Tx) error {
		tx.Exec("UPDATE institutions SET profile = 'DIVIDED' WHERE id = ?", w.County.ID)
		tx.Exec("UPDATE appointments SET role = 'PROPOSAL_CHAIR' WHERE person_id = ?", w.Person(chair).ID)
		return nil
	})
	s, lead, _ := inHands(w)
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/ask_return", map[string]any{"version": 1, "reason": "暂缺人手。"})
	act(w, apptest.ProposalStaff, "/v1/assignments/"+lead+"/allow_return", map[string]any{"version": 2})
	if got := told(w, apptest.CoHandler, s.ID); !has(got, "收回") {
		t.Errorf("the co-unit was told %v", got)
	}
	object := map[string]any{"attitude": "BASICALLY", "reason": "路灯仍不亮。"}
	again := map[string]any{"reason": "请到现场核查。"}
	step(w, apptest.ProposalStaff, s.ID, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
	replyAs(w, s.ID, apptest.ProposalStaff)
	step(w, apptest.Author, s.ID, "object", object)
	step(w, apptest.ProposalStaff, s.ID, "rehandle", again)
	replyAs(w, s.ID, apptest.ProposalStaff)
	step(w, apptest.Author, s.ID, "object", object)
	version := look(w, apptest.Author, s.ID).Version
	wantCode(t, w.Post(apptest.ProposalStaff, suggestions+s.ID+"/rehandle", map[string]any{"version": version, "reason": "再办。"}), http.StatusConflict, "handling.chair")
	if got := work(w, chair); len(got.Items) != 1 || got.Items[0].MatterID != s.ID {
		t.Errorf("the chair's queue: %+v", got)
	}
	wantSteps(w, chair, map[string]int{"待定是否重办": 1})
	if got := work(w, apptest.ProposalStaff); len(got.Items) != 0 {
		t.Errorf("the staff's queue: %+v", got)
	}
	if v := step(w, chair, s.ID, "uphold", map[string]any{"reason": "已超出本级事权。"}); v.Status != "CLOSED" {
		t.Errorf("%+v", v)
	}
}

// replyAs is reply, checked by somebody else.
func replyAs(w *apptest.World, id, checker string) {
	w.T.Helper()
	for _, a := range look(w, checker, id).Assignments {
		if a.Role != "LEAD" || a.Status != "DISPATCHED" {
			continue
		}
		path := "/v1/assignments/" + a.ID
		act(w, apptest.LeadHandler, path+"/sign_for", signFor(1))
		act(w, apptest.LeadHandler, path+"/reply", replyBody(2))
		act(w, checker, path+"/pass", map[string]any{"version": 3})
	}
}

// TestWhoComesLateHasTheWholeTime: who gets the app while the time to rate runs
// has all of it from then on.
func TestWhoComesLateHasTheWholeTime(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := begin(w, apptest.Staff, map[string]any{"paper": map[string]any{"person_id": w.Person(apptest.Subject).ID, "date": "2026-03-03"}})
	answer(w, s.ID)
	w.Clock.Advance(15 * 24 * time.Hour)
	expire(w)
	w.Token(apptest.Subject)
	w.Clock.Advance(25 * time.Hour)
	expire(w)
	if got := look(w, apptest.Staff, s.ID).Status; got != "REPLIED" {
		t.Fatalf("a day after the author came it is %s", got)
	}
	w.Clock.Advance(8 * 24 * time.Hour)
	expire(w)
	if got := look(w, apptest.Staff, s.ID).Status; got != "CLOSED" {
		t.Errorf("nine days after it is %s", got)
	}
}

// TestCoAuthorsChangeOnlyWhenSaid: a form that does not name them leaves them, and
// who is left out of one that does is told.
func TestCoAuthorsChangeOnlyWhenSaid(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	co := w.Person(apptest.CoAuthor).ID
	s := begin(w, apptest.Author, map[string]any{"co_author_ids": []string{co}})
	step(w, apptest.CoAuthor, s.ID, "agree", nil)
	step(w, apptest.Staff, s.ID, "return", map[string]any{"reason": "请写明路段。"})
	step(w, apptest.Staff, s.ID, "send", content(map[string]any{"paper": map[string]any{"date": "2026-03-03"}}))
	if got := people(w, apptest.Staff, s.ID)[apptest.CoAuthor]; got != "GIVEN" {
		t.Errorf("not named, the co-author is %q", got)
	}
	step(w, apptest.Staff, s.ID, "return", map[string]any{"reason": "请写明路段。"})
	step(w, apptest.Author, s.ID, "send", content(map[string]any{"co_author_ids": []string{}}))
	if got, ok := people(w, apptest.Staff, s.ID)[apptest.CoAuthor]; ok || !has(told(w, apptest.CoAuthor, s.ID), "不再是联名人") {
		t.Errorf("left out, the co-author is %q, told %v", got, told(w, apptest.CoAuthor, s.ID))
	}
	// On paper who signs has agreed, whatever was before; and staff are no liaison.
	step(w, apptest.Staff, s.ID, "return", map[string]any{"reason": "请写明路段。"})
	step(w, apptest.Staff, s.ID, "send", content(map[string]any{"co_author_ids": []string{co}, "paper": map[string]any{"date": "2026-03-03"}}))
	if got := people(w, apptest.Staff, s.ID)[apptest.CoAuthor]; got != "GIVEN" {
		t.Errorf("signed, the co-author is %q", got)
	}
	p := begin(w, apptest.Staff, map[string]any{"on_behalf_of": w.Person(apptest.Author).ID, "paper": map[string]any{"date": "2026-03-03"}})
	if got := told(w, apptest.Author, p.ID); has(got, "代您提交") {
		t.Errorf("the author was told %v", got)
	}
	wantCode(t, w.Post(apptest.Staff, suggestions+p.ID+"/accept", map[string]any{"version": 1, "route": "DIRECT_UNIT", "co_unit_ids": []string{w.Units[1].ID}}),
		http.StatusUnprocessableEntity, "handling.no_lead")
}

// TestWhoLeadsTheHandling sees all of it and tells of what was done: a member, or
// a committee, which then answers as well.
func TestWhoLeadsTheHandling(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	const leader = apptest.OtherMember
	var committee institution.Unit
	w.Write(func(tx *store.Tx) error {
		committee = institution.AddUnit(tx, w.Clock.Now(), w.County.ID, "农业农村委员会", institution.Committee)
		tx.Exec("UPDATE appointments SET unit_id = ? WHERE person_id = ?", committee.ID, w.Person(apptest.OtherHandler).ID)
		return nil
	})
	s := submit(w, apptest.Author)
	for name, more := range map[string]map[string]any{
		"nobody":                        {"route": "LEAD_BY_MEMBER"},
		"who is no member":              {"route": "LEAD_BY_MEMBER", "leader_id": w.Person(apptest.Leader).ID},
		"a unit that is no committee":   {"route": "LEAD_BY_COMMITTEE", "leader_unit_id": w.Units[0].ID},
		"a leader where nobody leads":   {"route": "DIRECT_UNIT", "leader_id": w.Person(leader).ID},
		"a committee beside the member": {"route": "LEAD_BY_MEMBER", "leader_id": w.Person(leader).ID, "leader_unit_id": committee.ID},
	} {
		more["version"] = 1
		if a := w.Post(apptest.Staff, suggestions+s.ID+"/accept", more); a.Code() != "suggestion.leader" {
			t.Errorf("%s: %d %s", name, a.Status, a.Code())
		}
	}
	step(w, apptest.Staff, s.ID, "accept", map[string]any{"route": "LEAD_BY_MEMBER", "leader_id": w.Person(leader).ID, "lead_unit_id": w.Units[0].ID})
	if got := told(w, leader, s.ID); !has(got, "请您领办") {
		t.Errorf("the leading member was told %v", got)
	}
	step(w, apptest.Staff, s.ID, "dispatch", nil)
	step(w, leader, s.ID, "log_led", map[string]any{"way": "DELIBERATION", "summary": "与住建局、社区商定先修主路。"})
	if got := told(w, apptest.Author, s.ID); !has(got, "新进展") {
		t.Errorf("the author was told %v", got)
	}
	if v := look(w, leader, s.ID); len(v.Assignments) != 1 || v.Timeline[0].Actor == "" {
		t.Errorf("the leading member reads %+v", v)
	}
	wantCode(t, w.Post(apptest.CoAuthor, suggestions+s.ID+"/log_led", map[string]any{"version": 3, "way": "VISIT", "summary": "看了现场。"}), http.StatusNotFound, "matter.not_found")

	c := submit(w, apptest.Author)
	step(w, apptest.Staff, c.ID, "accept", map[string]any{"route": "LEAD_BY_COMMITTEE", "leader_unit_id": committee.ID})
	step(w, apptest.OtherHandler, c.ID, "log_led", map[string]any{"way": "VISIT", "summary": "看了现场。"})
	step(w, apptest.Staff, c.ID, "dispatch", nil)
	if v := look(w, apptest.OtherHandler, c.ID); len(v.Assignments) != 1 || v.Assignments[0].Role != "LEAD" {
		t.Errorf("the committee reads %+v", v)
	}
}

// TestWhatIsHandledAgainMayGoToOthers: a unit of the round before was closed.
// Without another in its place it is refused, and says why; who is not named
// stays, and a list that is empty is no co-unit.
func TestWhatIsHandledAgainMayGoToOthers(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	units := func(id string, round int) []string {
		var names []string
		err := w.DB.Gorm(t.Context()).Raw(`SELECT a.role || ' ' || u.name FROM assignments a JOIN units u ON u.id = a.unit_id
			WHERE a.matter_id = ? AND a.round = ? ORDER BY a.id`, id, round).Scan(&names).Error
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	var all []state
	for range 4 {
		s, lead, _ := inHands(w)
		act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/sign_for", signFor(1))
		act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply", replyBody(2))
		act(w, apptest.Staff, "/v1/assignments/"+lead+"/pass", map[string]any{"version": 3})
		step(w, apptest.Author, s.ID, "object", map[string]any{"attitude": "SATISFIED", "reason": "没有修好。"})
		all = append(all, s)
	}
	lead, co, other := w.Units[0], w.Units[1], w.Units[2]
	w.Write(func(tx *store.Tx) error {
		_, err := institution.CloseUnit(t.Context(), tx, w.Clock.Now(), w.County.ID, lead.ID, 1)
		return err
	})
	again := func(n int, more map[string]any) apptest.Answer {
		body := map[string]any{"version": look(w, apptest.Staff, all[n].ID).Version, "reason": "请再核实。"}
		maps.Copy(body, more)
		return w.Post(apptest.Staff, suggestions+all[n].ID+"/rehandle", body)
	}
	a := again(0, nil)
	wantCode(t, a, http.StatusUnprocessableEntity, "institution.no_unit")
	if !strings.Contains(string(a.Body), "已停用") {
		t.Errorf("it does not say why: %s", a.Body)
	}
	wantCode(t, again(0, map[string]any{"lead_unit_id": other.ID, "co_unit_ids": []string{other.ID}}), http.StatusUnprocessableEntity, "handling.unit_twice")
	for n, c := range []struct {
		body map[string]any
		want []string
	}{
		{map[string]any{"lead_unit_id": other.ID}, []string{"LEAD " + other.Name, "CO " + co.Name}},
		{map[string]any{"lead_unit_id": co.ID}, []string{"LEAD " + co.Name}},
		{map[string]any{"lead_unit_id": other.ID, "co_unit_ids": []string{}}, []string{"LEAD " + other.Name}},
		{map[string]any{"lead_unit_id": co.ID, "co_unit_ids": []string{other.ID}}, []string{"LEAD " + co.Name, "CO " + other.Name}},
	} {
		again(n, c.body).Want(t, http.StatusOK)
		if got := units(all[n].ID, 2); !slices.Equal(got, c.want) {
			t.Errorf("%v: the units are %v", c.body, got)
		}
	}
}

// TestADispatchNamesItsUnits: a matter of a kind for which no units were proposed is
// not dispatched to none.
func TestADispatchNamesItsUnits(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, h := range s.Matters.Heads() {
		rule, _ := h.Flow.Rule("dispatch")
		x := s.bring(h, rule.From[0])
		s.Write(func(tx *store.Tx) error {
			tx.Exec("UPDATE suggestions SET proposed_json = '[]'")
			tx.Exec("UPDATE proposals SET proposed_json = '[]'")
			return nil
		})
		wantCode(t, s.send(apptest.Staff, http.MethodPost, x.path+"/dispatch", map[string]any{"version": x.version}), http.StatusUnprocessableEntity, "handling.no_units")
		wantCode(t, s.send(apptest.Staff, http.MethodPost, x.path+"/dispatch", map[string]any{"version": x.version, "co_unit_ids": []string{s.Units[1].ID}}), http.StatusUnprocessableEntity, "handling.no_lead")
	}
}
