package safety

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// staff decide, and see what is marked.
var staff = []member.Role{member.InfoStaff, member.ProposalStaff}

// Sees reports whether the actor sees what was found: the office does, members,
// units and leaders do not.
func Sees(a member.Actor) bool { return a.IsAny(staff...) }

// shown are the states that staff see.
var shown = []State{Marked, Unchecked, Cleared, Held}

// Found is a check with what staff decided of it, the latest first.
type Found struct {
	Check
	Decisions []Decision
}

// Findings are the checks of one matter, once a batch has run.
type Findings struct {
	checks    []Check
	decisions []Decision
}

// Load adds the queries for what was found of a matter to a batch.
func Load(b *store.Batch, matterID string) *Findings {
	f := &Findings{}
	store.Read(b, &f.checks, "SELECT * FROM checks WHERE matter_id = ? AND state IN ? ORDER BY id LIMIT 100", matterID, shown)
	store.Read(b, &f.decisions, "SELECT * FROM check_decisions WHERE check_id IN (SELECT id FROM checks WHERE matter_id = ?) ORDER BY id DESC LIMIT 500", matterID)
	return f
}

// All returns the checks with their decisions.
func (f *Findings) All() []Found { return join(f.checks, f.decisions) }

func join(checks []Check, decisions []Decision) []Found {
	by := map[string][]Decision{}
	for _, d := range decisions {
		by[d.CheckID] = append(by[d.CheckID], d)
	}
	var all []Found
	for _, c := range checks {
		all = append(all, Found{c, by[c.ID]})
	}
	return all
}

// List returns up to limit checks of the actor's institution that are in one of
// the states that staff see, the oldest first, after a given one.
func (s *Service) List(ctx context.Context, a member.Actor, state State, after string, limit int) ([]Found, error) {
	q := gorm.G[Check](s.db.Gorm(ctx)).Where("institution_id = ? AND state = ?", a.InstitutionID, state)
	if after != "" {
		q = q.Where("id > ?", after)
	}
	checks, err := q.Order("id").Limit(limit).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list checks: %w", err)
	}
	var ids []string
	for _, c := range checks {
		ids = append(ids, c.ID)
	}
	decisions, err := gorm.G[Decision](s.db.Gorm(ctx)).Where("check_id IN ?", ids).Order("id DESC").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	return join(checks, decisions), nil
}

// stateLabels name the states that staff see.
var stateLabels = map[State]string{Marked: "待决定", Unchecked: "未能检查", Cleared: "已放行", Held: "已留置"}

// StateText names a state that staff see.
func StateText(s State) string { return stateLabels[s] }

// Find returns a check of the actor's institution that staff see, or
// ErrNotFound.
func (s *Service) Find(ctx context.Context, c store.Conn, a member.Actor, id string) (Check, error) {
	x, err := gorm.G[Check](c.Gorm(ctx)).Where("id = ? AND institution_id = ? AND state IN ?", id, a.InstitutionID, shown).First(ctx)
	return x, store.Found(err, ErrNotFound, "find a check")
}

// Decide writes what staff decide of a check, from the version that they saw:
// Cleared lets it stand, Held keeps it from others. A decision may be changed by
// another; each is kept with its reason, 1 to 500 characters. ErrNotFound,
// ErrDecided, ErrStale. What is returned has this decision alone.
func (s *Service) Decide(ctx context.Context, tx *store.Tx, a member.Actor, id string, version int64, decided State, reason string) (Found, error) {
	c, err := s.Find(ctx, tx, a, id)
	if err != nil {
		return Found{}, err
	}
	switch {
	case c.Version != version:
		return Found{}, ErrStale
	case c.State == decided:
		return Found{}, ErrDecided
	}
	r := tx.Gorm(ctx).Exec("UPDATE checks SET state = ?, version = version + 1 WHERE id = ? AND version = ?", decided, id, version)
	if r.Error != nil {
		return Found{}, fmt.Errorf("decide a check: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return Found{}, ErrStale
	}
	d := Decision{
		ID: store.NewID(), InstitutionID: c.InstitutionID, CheckID: id, Decided: decided, Reason: reason, PersonID: a.PersonID, PersonName: a.Name, At: s.now(),
	}
	tx.Insert(&d)
	if c.AttachmentID != nil {
		if decided == Held {
			s.pictures.Hold(tx, *c.AttachmentID)
		} else {
			s.pictures.Release(tx, *c.AttachmentID)
		}
	}
	c.State, c.Version = decided, version+1
	return Found{Check: c, Decisions: []Decision{d}}, nil
}
