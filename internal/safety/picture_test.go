package safety_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/safety"
	"yanlu/internal/store"
)

// A verdict on a picture comes by itself; risky holds the picture back, a
// second one changes nothing, and staff decide.
func TestARiskyPictureIsHeldBack(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	for name, test := range map[string]struct {
		verdict safety.Verdict
		state   safety.State
		held    bool
	}{
		"pass":   {safety.Verdict{Suggest: safety.Pass, Label: 100}, safety.Passed, false},
		"review": {safety.Verdict{Suggest: safety.Review, Label: 20002}, safety.Marked, false},
		"risky":  {safety.Verdict{Suggest: safety.Risky, Label: 20002}, safety.Marked, true},
	} {
		id := g.hand()
		g.ask(under("trace " + name))
		if c := g.picture(id); c.State != safety.Sent {
			t.Fatalf("%s: %+v", name, c)
		}
		test.verdict.TraceID = "trace " + name
		g.told(test.verdict)
		g.told(safety.Verdict{TraceID: "trace " + name, Suggest: safety.Pass, Label: 100}) // again, and another
		c := g.picture(id)
		if c.State != test.state || c.Suggest != test.verdict.Suggest || g.pictures.held[id] != test.held {
			t.Errorf("%s: %+v, held %t", name, c, g.pictures.held[id])
		}
		if !test.held {
			continue
		}
		staff, err := g.Accounts.Caller(t.Context(), g.Token(apptest.Staff))
		if err != nil {
			t.Fatal(err)
		}
		for _, decided := range []safety.State{safety.Cleared, safety.Held} {
			g.Write(func(tx *store.Tx) error {
				f, err := g.s.Decide(t.Context(), tx, *staff.Actor, c.ID, c.Version, decided, "看过了。")
				c = f.Check
				return err
			})
			if g.pictures.held[id] != (decided == safety.Held) {
				t.Errorf("%s: held %t", decided, g.pictures.held[id])
			}
		}
		g.told(safety.Verdict{TraceID: "another", Suggest: safety.Risky})
		if g.picture(id).State != safety.Held {
			t.Error("a verdict undid a decision")
		}
	}
}

// The platform may be faster than the answer to our call.
func TestAVerdictMayComeBeforeTheTrace(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	id := g.hand()
	g.ask(func(safety.Question) safety.Answer {
		g.told(safety.Verdict{TraceID: "early", Suggest: safety.Risky, Label: 20002})
		return safety.Answer{Outcome: safety.Awaited, TraceID: "early"}
	})
	if c := g.picture(id); c.State != safety.Marked || !g.pictures.held[id] {
		t.Errorf("%+v, held %t", c, g.pictures.held[id])
	}
	// At the same moment, in whatever order: none is lost.
	var ids []string
	for range 20 {
		ids = append(ids, g.hand())
	}
	var wg sync.WaitGroup
	g.ask(func(q safety.Question) safety.Answer {
		trace := "trace " + q.Address
		for range 2 {
			wg.Go(func() {
				if err := g.s.Told(t.Context(), safety.Verdict{TraceID: trace, Suggest: safety.Review, Label: 20001}); err != nil {
					t.Error(err)
				}
			})
		}
		return safety.Answer{Outcome: safety.Awaited, TraceID: trace}
	})
	wg.Wait()
	for _, id := range ids {
		if c := g.picture(id); c.State != safety.Marked {
			t.Errorf("%+v", c)
		}
	}
}

// A verdict that does not come leaves the picture to staff, and still counts when
// it comes after all.
func TestAVerdictThatDoesNotCome(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	id := g.hand()
	g.ask(under("never"))
	g.pass(29 * time.Minute)
	g.ask(under("x"))
	if c := g.picture(id); c.State != safety.Sent {
		t.Fatalf("%+v", c)
	}
	g.pass(2 * time.Minute)
	g.ask(under("x"))
	if c := g.picture(id); c.State != safety.Unchecked || g.pictures.held[id] {
		t.Fatalf("%+v, held %t", c, g.pictures.held[id])
	}
	g.told(safety.Verdict{TraceID: "never", Suggest: safety.Risky, Label: 20002})
	if c := g.picture(id); c.State != safety.Marked || !g.pictures.held[id] {
		t.Errorf("%+v, held %t", c, g.pictures.held[id])
	}
}

// A picture that the platform cannot fetch is given to it again, a few times.
func TestAPictureThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	id := g.hand()
	for i := 1; i <= 5; i++ {
		trace := fmt.Sprint("try ", i)
		g.ask(under(trace))
		if c := g.picture(id); c.State != safety.Sent || c.Attempts != i {
			t.Fatalf("try %d: %+v", i, c)
		}
		g.told(safety.Verdict{TraceID: trace, ErrorCode: -1008})
		g.pass(time.Minute)
	}
	if c := g.picture(id); c.State != safety.Unchecked || c.ErrorCode != -1008 {
		t.Errorf("%+v", c)
	}
}

// Where nobody can fetch a picture from outside it goes to staff without a call.
func TestWithoutAnAddressPicturesGoToStaff(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	g.pictures.address = ""
	id := g.hand()
	g.ask(func(safety.Question) safety.Answer {
		t.Error("the platform was asked")
		return safety.Answer{}
	})
	if c := g.picture(id); c.State != safety.Unchecked {
		t.Errorf("%+v", c)
	}
}

// A picture that is handed in again is not checked again.
func TestAPictureIsCheckedOnce(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	id := g.hand()
	g.ask(under("once"))
	g.told(safety.Verdict{TraceID: "once", Suggest: safety.Risky, Label: 20002})
	c := g.picture(id)
	g.Write(func(tx *store.Tx) error {
		g.s.HandPictures(tx, g.matter, c.AccountID, []string{id})
		return nil
	})
	if again := g.picture(id); again.ID != c.ID || again.State != safety.Marked {
		t.Errorf("%+v", again)
	}
}

// What joined pictures to verdicts is not kept for ever.
func TestTracesAreTidiedUp(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	g.told(safety.Verdict{TraceID: "stray", Suggest: safety.Pass})
	for _, days := range []int{1, 8} {
		g.Clock.Advance(time.Duration(days) * 24 * time.Hour)
		if err := g.s.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		var n int64
		if err := g.DB.Gorm(t.Context()).Model(&safety.Trace{}).Count(&n).Error; err != nil || (n == 1) != (days == 1) {
			t.Errorf("after %d days %d are left, %v", days, n, err)
		}
	}
}
