package matter_test

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
)

// TestAListShowsTheDeadlineThatIsNext holds for everybody: the date of a line is
// the next of those that the detail shows to the same person, and so is whether
// it is over.
func TestAListShowsTheDeadlineThatIsNext(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	scatter(w, rand.New(rand.NewPCG(9, 10)), 14)
	w.Clock.Advance(30 * time.Hour)
	late := newWalk(w)
	late.submit(apptest.Author)
	w.Clock.Advance(4 * 24 * time.Hour)
	dated, without := 0, 0
	for _, name := range people {
		var page struct {
			Items []struct {
				ID        string
				DueAt     *time.Time `json:"due_at"`
				DueLabel  string     `json:"due_label"`
				Overdue   bool
				Risk      string
				RiskLabel string `json:"risk_label"`
			}
		}
		w.Get(name, "/v1/suggestions?limit=100").Into(t, http.StatusOK, &page)
		for _, x := range page.Items {
			var v struct {
				Deadlines []struct {
					Label   string
					DueAt   time.Time `json:"due_at"`
					Overdue bool
				}
			}
			w.Get(name, "/v1/suggestions/"+x.ID).Into(t, http.StatusOK, &v)
			if len(v.Deadlines) == 0 {
				if without++; x.DueAt != nil || x.DueLabel != "" || x.Risk != "" || x.RiskLabel != "" || x.Overdue {
					t.Errorf("%s learns of a deadline of %s that they may not know: %+v", name, x.ID, x)
				}
				continue
			}
			dated++
			d := v.Deadlines[0]
			if x.DueAt == nil || !x.DueAt.Equal(d.DueAt) || x.DueLabel != d.Label || x.Overdue != d.Overdue || (x.Risk == "OVERDUE") != d.Overdue || x.RiskLabel == "" {
				t.Errorf("%s: the line says %+v, the detail %+v", name, x, d)
			}
		}
	}
	if dated < 20 || without < 5 {
		t.Errorf("%d lines with a date, %d without: too few to say anything", dated, without)
	}
}
