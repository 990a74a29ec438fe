package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// topCategories is how many categories are counted each for itself.
const topCategories = 10

// Counts is how many matters of a kind stand where. It has no word on any person.
type Counts struct {
	Total      int          // handed in, and seen by the actor
	States     []StateCount // all that the table has for what is handed in, in its order
	Months     []int        // received in each month of the year, January first; nil where no year was asked for
	Categories []CategoryCount
	Others     int // of other categories than those
	InTime     int // of those that units have in hand
	Overdue    int // of those that units have in hand: the time to answer is over
	Rated      int // by the latest rating of each matter; 0 for who does not read all ratings
	Attitude   map[handling.Grade]int
	Result     map[handling.Grade]int
}

// StateCount is how many matters are in a state.
type StateCount struct {
	Status workflow.Status
	Label  string
	N      int
}

// CategoryCount is how many matters are of a category.
type CategoryCount struct {
	Category string
	N        int
}

// cell is how many matters are alike in all that is counted.
type cell struct {
	Status   workflow.Status
	Category string
	Month    int // 1–12; 0 where no year was asked for
	N        int
}

// Count counts the matters of a kind that the actor sees, of a part: of a year, or of
// what is named. The cost is that of the part, in three queries, and not that of the
// table.
func (s *Service) Count(ctx context.Context, a member.Actor, kind matter.Kind, part matter.Part) (Counts, error) {
	month, args := "0", []any{}
	if part.Year > 0 {
		month, args = monthOf(part.Year)
	}
	h := s.matters.Head(kind)
	unsent := append([]workflow.Status{matter.Draft}, h.Unsent...)
	seen, more := s.matters.Seen(a, kind, part)
	from, more := " FROM ("+seen+") AS matters WHERE matters.status NOT IN ?", append(more, unsent)

	b := s.db.Batch()
	var cells []cell
	store.Read(b, &cells, "SELECT status, category, "+month+" AS month, COUNT(*) AS n"+from+" GROUP BY status, category, month", slices.Concat(args, more)...)
	var running []struct {
		Late bool
		N    int
	}
	store.Read(b, &running, "SELECT late, COUNT(*) AS n FROM (SELECT EXISTS ("+lateAnswer+") AS late"+from+" AND matters.status = ?) AS running GROUP BY late",
		slices.Concat([]any{handling.ReplyClock, s.now()}, more, []any{handling.Handling})...)
	var grades []struct {
		Attitude, Result handling.Grade
		N                int
	}
	if matter.Oversees(a) {
		store.Read(b, &grades, `SELECT attitude, result, COUNT(*) AS n FROM ratings WHERE id IN (SELECT (SELECT r.id FROM ratings r
			WHERE r.matter_id = matters.id ORDER BY r.round DESC, r.id DESC LIMIT 1)`+from+") GROUP BY attitude, result", more...)
	}
	if err := b.Run(ctx); err != nil {
		return Counts{}, fmt.Errorf("count matters: %w", err)
	}
	c := Counts{Attitude: map[handling.Grade]int{}, Result: map[handling.Grade]int{}}
	c.add(cells, h.Flow, unsent, part.Year > 0)
	for _, r := range running {
		if r.Late {
			c.Overdue += r.N
		} else {
			c.InTime += r.N
		}
	}
	for _, g := range grades {
		c.Rated += g.N
		c.Attitude[g.Attitude] += g.N
		c.Result[g.Result] += g.N
	}
	return c, nil
}

// lateAnswer asks whether a unit's time to answer a row of matters is over.
const lateAnswer = "SELECT 1 FROM deadlines d WHERE d.matter_id = matters.id AND d.kind = ? AND d.met_at IS NULL AND d.due_at < ?"

// monthOf is the number of the month in which a row of matters was received, of those
// of a year.
func monthOf(year int) (column string, args []any) {
	var parts strings.Builder
	for m := time.January; m < time.December; m++ {
		fmt.Fprintf(&parts, " WHEN matters.submitted_at < ? THEN %d", m)
		args = append(args, calendar.Date(year, m+1, 1).Start())
	}
	return "CASE" + parts.String() + " ELSE 12 END", args
}

// add sums what was counted, by each of the three ways to look at it.
func (c *Counts) add(cells []cell, flow workflow.Table, unsent []workflow.Status, monthly bool) {
	states, categories := map[workflow.Status]int{}, map[string]int{}
	if monthly {
		c.Months = make([]int, 12)
	}
	for _, x := range cells {
		c.Total += x.N
		states[x.Status] += x.N
		categories[x.Category] += x.N
		if monthly {
			c.Months[x.Month-1] += x.N
		}
	}
	for _, state := range flow.States {
		if !slices.Contains(unsent, state.Name) {
			c.States = append(c.States, StateCount{state.Name, state.Label, states[state.Name]})
		}
	}
	for name, n := range categories {
		c.Categories = append(c.Categories, CategoryCount{name, n})
	}
	slices.SortFunc(c.Categories, func(x, y CategoryCount) int { return cmp.Or(y.N-x.N, strings.Compare(x.Category, y.Category)) })
	for _, x := range c.Categories[min(len(c.Categories), topCategories):] {
		c.Others += x.N
	}
	c.Categories = c.Categories[:min(len(c.Categories), topCategories)]
}
