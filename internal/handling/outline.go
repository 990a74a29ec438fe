package handling

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Share is what one unit has of a matter.
type Share struct {
	MatterID string
	UnitID   string
	UnitName string
	Role     Role
	Round    int
}

// Outline is what a list tells of the tail of a matter, as far as the actor reads it.
// Who only sees the matter reads which units have it, and no more.
type Outline struct {
	Units     []Share    // of the latest round, who answers first
	DueAt     *time.Time // by when the last of them has to answer; nil: no time was set
	RepliedAt *time.Time // when the last answer that has passed came; nil: there is none
	Outcome   string     // of the answers, in words
	Rating    *Rating    // the latest
}

// outlines is what is read of the tails of some matters.
type outlines struct {
	shares  []Share
	own     []struct{ MatterID string } // that are in the hands of the actor's units
	dues    []due
	answers []answer
	ratings []Rating
}

type due struct {
	MatterID string
	Round    int
	DueAt    time.Time
}

type answer struct {
	MatterID       string
	Round          int
	SubmittedAt    time.Time
	Outcome        string
	OutcomeLabel   string
	CurrentOutcome string
}

// Outlines returns the outline of each of some matters that the actor sees. It asks as
// many queries for many matters as for one.
func (s *Service) Outlines(ctx context.Context, a member.Actor, matters []matter.Matter) (map[string]Outline, error) {
	o := outlines{}
	b := s.db.Batch()
	o.load(b, a, matters)
	if err := b.Run(ctx); err != nil {
		return nil, fmt.Errorf("outline the handling of a list: %w", err)
	}
	by := make(map[string]Outline, len(matters))
	for _, m := range matters {
		by[m.ID] = o.of(m, a)
	}
	return by, nil
}

// load adds the queries to a batch.
func (o *outlines) load(b *store.Batch, a member.Actor, matters []matter.Matter) {
	var ids []string
	for _, m := range matters {
		ids = append(ids, m.ID)
	}
	store.Read(b, &o.shares, `SELECT s.matter_id, s.unit_id, units.name AS unit_name, s.role, s.round FROM assignments s JOIN units ON units.id = s.unit_id
		WHERE s.matter_id IN ? AND s.status NOT IN ? ORDER BY s.matter_id, s.id`, ids, gone())
	if units := a.Units(); len(units) > 0 {
		store.Read(b, &o.own, "SELECT matter_id FROM assignments WHERE matter_id IN ? AND unit_id IN ? AND status NOT IN ?", ids, units, gone())
	}
	store.Read(b, &o.dues, `SELECT s.matter_id, s.round, d.due_at FROM deadlines d JOIN assignments s ON s.id = d.assignment_id
		WHERE d.matter_id IN ? AND d.kind = ? AND s.role IN ? AND s.status NOT IN ? ORDER BY d.id`,
		ids, ReplyClock, []Role{Lead, Separate}, gone())
	store.Read(b, &o.answers, `SELECT matter_id, round, submitted_at, outcome, outcome_label, current_outcome FROM replies
		WHERE matter_id IN ? AND kind = ? AND verdict = ? AND about_id IS NULL ORDER BY matter_id, id`, ids, Answer, Passed)
	store.Read(b, &o.ratings, "SELECT * FROM ratings WHERE matter_id IN ? ORDER BY matter_id, round, id", ids)
}

// of is the outline of one of the matters.
func (o *outlines) of(m matter.Matter, a member.Actor) Outline {
	var x Outline
	for _, v := range o.shares {
		if v.MatterID == m.ID && v.Round == m.Round {
			x.Units = append(x.Units, v)
		}
	}
	slices.SortStableFunc(x.Units, func(v, w Share) int { return cmp.Compare(v.Role.rank(), w.Role.rank()) })
	oversees := matter.Oversees(a)
	if !oversees && !m.Leads(a) && !slices.ContainsFunc(o.own, func(v struct{ MatterID string }) bool { return v.MatterID == m.ID }) {
		return x
	}
	for _, d := range o.dues {
		if d.MatterID == m.ID && d.Round == m.Round {
			x.DueAt = later(x.DueAt, d.DueAt)
		}
	}
	var outcomes []string
	for _, r := range o.answers {
		if r.MatterID != m.ID || r.Round != m.Round {
			continue
		}
		x.RepliedAt = later(x.RepliedAt, r.SubmittedAt)
		if words := r.words(); !slices.Contains(outcomes, words) {
			outcomes = append(outcomes, words)
		}
	}
	x.Outcome = strings.Join(outcomes, "；")
	for i, r := range o.ratings {
		if r.MatterID == m.ID && (oversees || r.ConfirmedAt != nil) { // as confirmed has it
			x.Rating = &o.ratings[i]
		}
	}
	return x
}

// words are those of the outcome, with what it is by now where it was looked at again.
func (r answer) words() string {
	words := strings.TrimSpace(r.Outcome + " " + r.OutcomeLabel)
	if r.CurrentOutcome != "" && r.CurrentOutcome != r.Outcome {
		words += "（现为" + r.CurrentOutcome + "）"
	}
	return words
}

// rank is where a role stands among the units of a matter.
func (r Role) rank() int {
	if r.answers() {
		return 0
	}
	return 1
}

func later(x *time.Time, y time.Time) *time.Time {
	if x == nil || x.Before(y) {
		return &y
	}
	return x
}
