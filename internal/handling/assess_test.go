package handling_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"yanlu/internal/app/apptest"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/workflow"
)

// marking are the terms of motions whose two sides mark each other.
func marking() handling.Terms {
	t := terms()
	t.Mutual, t.FollowUp = true, true
	return t
}

// marks lists whose marks of a motion somebody sees, and whether they are offered
// to mark.
func (s *stage) marks(name, id string) (sides []handling.Side, off bool) {
	s.T.Helper()
	actor := s.actor(name)
	b := s.DB.Batch()
	d, t := s.Matters.Load(b, actor, motion, id), s.Handling.Load(b, motion, id)
	if err := b.Run(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
	if err := s.Handling.Finish(t, actor, t.Insider(actor) || d.Insider(actor)); err != nil {
		s.T.Fatal(err)
	}
	for _, x := range t.Marks {
		sides = append(sides, x.Side)
	}
	return sides, len(t.Off) > 0
}

func mark(score int) func(workflow.Seen) workflow.Input {
	return func(v workflow.Seen) workflow.Input { return handling.MarkInput{Seen: v, Score: score} }
}

// TestNeitherSideSeesTheOther before both marks are in, or the time is up.
func TestNeitherSideSeesTheOther(t *testing.T) {
	t.Parallel()
	s := newStage(t, marking())
	id := s.dispatched()
	s.answer(id, 0)
	wantCode(t, s.ask("", id, 0, "mark_author", map[string]any{"score": 80}), "handling.no_mutual")
	if _, off := s.marks(apptest.LeadHandler, id); !off {
		t.Error("marking is offered where it is not switched on")
	}
	s.Post(apptest.Staff, "/v1/settings", map[string]any{"name": "handling.mutual_marks", "value": true}).Want(t, http.StatusOK)
	sees := func(when string, want map[string][]handling.Side) {
		t.Helper()
		for name, sides := range want {
			if got, _ := s.marks(name, id); !slices.Equal(got, sides) {
				t.Errorf("%s, %s sees %v, want %v", when, name, got, sides)
			}
		}
	}
	s.do("", id, 0, "mark_author", map[string]any{"score": 74, "comment": "建议还可以更具体。"})
	wantCode(t, s.ask("", id, 0, "mark_author", map[string]any{"score": 100}), "handling.marked")
	wantCode(t, s.ask("", id, 0, "mark_author", map[string]any{"score": 101}), "request.invalid")
	wantCode(t, s.ask("", id, 1, "mark_author", map[string]any{"score": 90}), "matter.not_yours")
	unit, both := []handling.Side{handling.ByUnit}, []handling.Side{handling.ByUnit, handling.ByAuthor}
	sees("before both", map[string][]handling.Side{apptest.LeadHandler: unit, apptest.Author: nil, apptest.CoHandler: nil, apptest.Staff: unit})
	wantFault(t, s.try(apptest.CoAuthor, id, "mark_handling", mark(95)), matter.ErrNotFound)
	s.on(apptest.Author, id, "mark_handling", mark(95))
	wantFault(t, s.try(apptest.Author, id, "mark_handling", mark(1)), handling.ErrMarked)
	sees("after both", map[string][]handling.Side{apptest.LeadHandler: both, apptest.Author: both, apptest.CoHandler: nil, apptest.Staff: both})

	other := s.dispatched()
	s.answer(other, 0)
	s.do("", other, 0, "mark_author", map[string]any{"score": 50})
	id = other
	sees("before the time is up", map[string][]handling.Side{apptest.Author: nil})
	s.Clock.Advance(22 * day)
	sees("when the time is up", map[string][]handling.Side{apptest.Author: unit})
	wantFault(t, s.try(apptest.Author, other, "mark_handling", mark(95)), handling.ErrMarkLate)
}

// TestAMarkHasItsWord at the bounds of each.
func TestAMarkHasItsWord(t *testing.T) {
	t.Parallel()
	for score, want := range map[int]string{100: "优秀", 90: "优秀", 89: "良好", 75: "良好", 74: "一般", 60: "一般", 59: "较差", 0: "较差"} {
		if got := (handling.Assessment{Score: score}).Word(); got != want {
			t.Errorf("%d is %s, want %s", score, got, want)
		}
	}
}

// TestWhatIsBeingSolvedIsLookedAtAgain the year after: it is listed, its result is
// noted, its authors are told, and it may have another outcome then.
func TestWhatIsBeingSolvedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, marking())
	closed := func(title string) string {
		id := s.open(apptest.Author, title)
		s.handOver(id, handling.Sole, 0)
		s.answer(id, 0) // B, being solved
		s.on(apptest.Author, id, "rate", func(v workflow.Seen) workflow.Input {
			return handling.RateInput{Seen: v, Attitude: handling.Satisfied, Result: handling.Basically}
		})
		return id
	}
	one, two := closed("甲"), closed("乙")
	list := func(year string) []string {
		t.Helper()
		var p struct {
			Items []struct {
				MatterID string `json:"matter_id"`
				Outcome  string
				LookedAt *string `json:"looked_at"`
			}
		}
		s.Get(apptest.Staff, "/v1/follow-ups"+year).Into(t, http.StatusOK, &p)
		var ids []string
		for _, x := range p.Items {
			id := x.MatterID
			if x.LookedAt != nil {
				id += " looked at"
			}
			ids = append(ids, id)
		}
		return ids
	}
	if got := list(""); len(got) != 0 { // of the year before
		t.Errorf("of last year: %v", got)
	}
	if got := list("?year=2026"); !slices.Equal(got, []string{one, two}) {
		t.Errorf("of this year: %v, want %s and %s", got, one, two)
	}
	follow := func(id, outcome string) error {
		return s.try(apptest.Staff, id, "follow_up", func(v workflow.Seen) workflow.Input {
			return handling.FollowUpInput{Seen: v, Result: "现场核实。", Outcome: outcome}
		})
	}
	wantFault(t, follow(one, "X"), handling.ErrOutcome)
	for id, outcome := range map[string]string{one: "A", two: ""} {
		if err := follow(id, outcome); err != nil {
			t.Fatal(err)
		}
	}
	if got := list("?year=2026"); !slices.Equal(got, []string{two + " looked at"}) {
		t.Errorf("after it was looked at: %v", got)
	}
	wantFault(t, follow(one, ""), handling.ErrNoFollow)
	if got := s.told(apptest.Author, one); !strings.Contains(strings.Join(got, " "), "跟踪结果") {
		t.Errorf("the author was told %v", got)
	}
	wantCode(t, s.Get(apptest.LeadHandler, "/v1/follow-ups"), "request.forbidden")
	if got := s.status(one); got != handling.Closed {
		t.Errorf("it is %s", got)
	}
}
