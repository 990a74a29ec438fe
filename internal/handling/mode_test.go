package handling_test

import (
	"slices"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/workflow"
)

// handOver gives a motion to units of the world in a mode, the first of them
// leading where one does.
func (s *stage) handOver(id string, mode handling.Mode, units ...int) {
	s.T.Helper()
	s.on(apptest.Staff, id, "dispatch", s.order(mode, units...))
}

func (s *stage) order(mode handling.Mode, units ...int) func(workflow.Seen) workflow.Input {
	return func(v workflow.Seen) workflow.Input {
		in := handling.HandOverInput{DispatchInput: handling.DispatchInput{Seen: v, LeadUnitID: s.Units[units[0]].ID}, Mode: mode}
		for _, u := range units[1:] {
			in.CoUnitIDs = append(in.CoUnitIDs, s.Units[u].ID)
		}
		return in
	}
}

func replied() map[string]any {
	return map[string]any{"outcome": "B", "body": "已列入年度改造计划。", "contact_name": "张经办", "contact_phone": "0991-5550101", "way": "PHONE"}
}

// answer lets a unit sign, answer, and the answer pass.
func (s *stage) answer(id string, unit int) {
	s.T.Helper()
	if s.with(id, unit).Status == handling.Dispatched {
		s.do("", id, unit, "sign_for", signed())
	}
	s.do("", id, unit, "reply", replied())
	s.do(apptest.Staff, id, unit, "pass", nil)
}

// separate opens a motion that two units answer by themselves.
func (s *stage) separate() string {
	s.T.Helper()
	id := s.open(apptest.Author, "完善老旧小区无障碍设施")
	s.handOver(id, handling.Separated, 0, 1)
	return id
}

// TestAModeFitsItsUnits: one unit where it is alone, at least two else.
func TestAModeFitsItsUnits(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.open(apptest.Author, "完善老旧小区无障碍设施")
	for name, order := range map[string]func(workflow.Seen) workflow.Input{
		"alone, with another": s.order(handling.Sole, 0, 1),
		"leading nobody":      s.order(handling.LeadAndCo, 0),
		"separate, but one":   s.order(handling.Separated, 0),
	} {
		if err := s.try(apptest.Staff, id, "dispatch", order); err == nil {
			t.Errorf("%s: it was handed over", name)
		} else {
			wantFault(t, err, handling.ErrMode)
		}
	}
	wantFault(t, s.try(apptest.Staff, id, "dispatch", s.order(handling.Separated, 0, 1, 1)), handling.ErrUnitTwice)
	s.handOver(id, handling.Sole, 0)
	wantCode(t, s.ask("", id, 0, "give_opinion", map[string]any{"body": "我单位同意。"}), "matter.not_yours")
}

// TestAnAnswerIsDueByADate that is the same for all, instead of a length.
func TestAnAnswerIsDueByADate(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.open(apptest.Author, "完善老旧小区无障碍设施")
	by := func(day string, days int) error {
		return s.try(apptest.Staff, id, "dispatch", func(v workflow.Seen) workflow.Input {
			return handling.HandOverInput{DispatchInput: handling.DispatchInput{Seen: v, LeadUnitID: s.Units[0].ID, Days: days}, Due: day}
		})
	}
	for _, wrong := range []string{"2026-03-03", "2027-03-10", "2026-06-31", "六月三十日"} {
		wantFault(t, by(wrong, 0), handling.ErrDue)
	}
	wantFault(t, by("2026-06-30", 10), handling.ErrDue)
	if err := by("2026-06-30", 0); err != nil {
		t.Fatal(err)
	}
	if d := s.clocks("assignment_id", s.with(id, 0).ID)["reply"]; calendar.Of(d.DueAt).String() != "2026-06-30" {
		t.Errorf("due on %s", calendar.Of(d.DueAt))
	}
}

// TestSeparateUnitsAnswerByThemselves: the authors hear of each, and the matter is
// answered when all have; all of them handle it again.
func TestSeparateUnitsAnswerByThemselves(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	id := s.separate()
	s.answer(id, 1)
	if got := s.status(id); got != handling.Handling {
		t.Errorf("one of two answered, and it is %s", got)
	}
	if got := s.with(id, 0).Status; got != handling.Dispatched {
		t.Errorf("the other unit is at %s", got)
	}
	if got := s.told(apptest.Author, id); !slices.Equal(got, []string{"您的议案有一个单位答复了"}) {
		t.Errorf("the author was told %v", got)
	}
	s.answer(id, 0)
	if got := s.status(id); got != handling.Replied {
		t.Errorf("both answered, and it is %s", got)
	}
	if got := s.told(apptest.Author, id); !slices.Equal(got, []string{"您的议案有一个单位答复了", "您的议案有答复了"}) {
		t.Errorf("the author was told %v", got)
	}
	s.on(apptest.Author, id, "object", func(v workflow.Seen) workflow.Input {
		return handling.ObjectInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "答非所问。"}, Attitude: handling.Basically}
	})
	s.on(apptest.Staff, id, "rehandle", func(v workflow.Seen) workflow.Input {
		return handling.RehandleInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "请到现场核查。"}}
	})
	for unit := range 2 {
		if a := s.with(id, unit); a.Round != 2 || a.Role != handling.Separate {
			t.Errorf("unit %d in the second round: %+v", unit, a)
		}
	}
}

// TestStaffNameWhoHandlesItAgain, of units that answer by themselves: one of them
// alone, with whose answer the author is not satisfied, or that one and another.
func TestStaffNameWhoHandlesItAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	for _, x := range []struct {
		name string
		lead int   // of the units; -1: not named
		co   []int // named as co-units
		want map[int]handling.Role
	}{
		{"one, as lead", 1, nil, map[int]handling.Role{1: handling.Lead}},
		{"one, as co-unit", -1, []int{0}, map[int]handling.Role{0: handling.Lead}},
		{"one of them and another", 1, []int{2}, map[int]handling.Role{1: handling.Separate, 2: handling.Separate}},
		{"an empty list", -1, []int{}, map[int]handling.Role{0: handling.Separate, 1: handling.Separate}},
	} {
		id := s.separate()
		s.answer(id, 0)
		s.answer(id, 1)
		s.on(apptest.Author, id, "object", func(v workflow.Seen) workflow.Input {
			return handling.ObjectInput{Reasoned: workflow.Reasoned{Seen: v, Reason: "其中一家答非所问。"}, Attitude: handling.Basically}
		})
		in := handling.RehandleInput{CoUnitIDs: []string{}}
		if x.lead >= 0 {
			in.LeadUnitID = s.Units[x.lead].ID
		}
		for _, i := range x.co {
			in.CoUnitIDs = append(in.CoUnitIDs, s.Units[i].ID)
		}
		s.on(apptest.Staff, id, "rehandle", func(v workflow.Seen) workflow.Input {
			in.Reasoned = workflow.Reasoned{Seen: v, Reason: "请到现场核查。"}
			return in
		})
		var again []handling.Assignment
		if err := s.DB.Gorm(t.Context()).Where("matter_id = ? AND round = 2", id).Find(&again).Error; err != nil || len(again) != len(x.want) {
			t.Errorf("%s: %+v, %v", x.name, again, err)
		}
		for unit, role := range x.want {
			if a := s.with(id, unit); a.Round != 2 || a.Role != role {
				t.Errorf("%s: unit %d has %+v", x.name, unit, a)
			}
			s.answer(id, unit)
		}
		if got := s.status(id); got != handling.Replied {
			t.Errorf("%s: after the answers it is %s", x.name, got)
		}
	}
}

// TestAReleasedUnitLeavesTheOthers: another takes its place, or not; when the last
// that was open is released, all have answered; when none has, it is handed over
// anew.
func TestAReleasedUnitLeavesTheOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t, terms())
	release := func(id string, unit int, instead string) {
		t.Helper()
		s.do("", id, unit, "ask_return", map[string]any{"reason": "不属于我单位职责。"})
		body := map[string]any{}
		if instead != "" {
			body["unit_id"] = instead
		}
		s.do(apptest.Staff, id, unit, "allow_return", body)
	}
	replaced := s.separate()
	release(replaced, 0, s.Units[2].ID)
	if a := s.with(replaced, 2); a.Role != handling.Separate || s.with(replaced, 1).Status != handling.Dispatched {
		t.Errorf("in its place: %+v", a)
	}
	s.answer(replaced, 1)
	s.answer(replaced, 2)
	if got := s.status(replaced); got != handling.Replied {
		t.Errorf("after both it is %s", got)
	}

	last := s.separate()
	s.answer(last, 1)
	release(last, 0, "")
	if got := s.status(last); got != handling.Replied {
		t.Errorf("the last was released, and it is %s", got)
	}

	named := s.separate()
	release(named, 0, "")
	if got := s.status(named); got != handling.Handling {
		t.Errorf("one of two was released, and it is %s", got)
	}
	s.on(apptest.Staff, named, "add_unit", func(v workflow.Seen) workflow.Input { return handling.AddUnitInput{Seen: v, UnitID: s.Units[2].ID} })
	wantFault(t, s.try(apptest.Staff, named, "add_unit", func(v workflow.Seen) workflow.Input {
		return handling.AddUnitInput{Seen: v, UnitID: s.Units[0].ID}
	}), handling.ErrUnitTwice)
	s.answer(named, 1)
	if got := s.status(named); got != handling.Handling {
		t.Errorf("one was named since, and it is %s", got)
	}
	s.answer(named, 2)
	if got := s.status(named); got != handling.Replied {
		t.Errorf("all answered, and it is %s", got)
	}

	none := s.separate()
	release(none, 0, "")
	release(none, 1, "")
	if got := s.status(none); got != "FILED" {
		t.Errorf("both were released, and it is %s", got)
	}
}
