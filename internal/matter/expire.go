package matter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/account"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// expireAgain is when a deadline is looked at again on which the system may not
// act: its author is not on the app, so nobody could have told them in time.
const expireAgain = 24 * time.Hour

// Expire takes the system's action on one matter whose clock has run out: what
// nobody rates is closed, what nobody mends is withdrawn. It reports whether
// there may be more. A matter whose first author has no telephone bound is left
// as it is, but what was handed up: staff call them, and record on paper what they say. Several servers
// may run it; who comes second finds nothing left to do.
func (s *Service) Expire(ctx context.Context) (more bool, err error) {
	now := s.now()
	var due []Deadline
	err = s.db.Gorm(ctx).Where("met_at IS NULL AND then_at <= ? AND assignment_id IS NULL", now).Order("then_at").Limit(1).Find(&due).Error
	if err != nil {
		return false, fmt.Errorf("find what has run out: %w", err)
	}
	if len(due) == 0 {
		return false, nil
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error { return s.expire(ctx, tx, due[0].ID, due[0].MatterID, now) })
	if errors.Is(err, ErrStale) {
		err = nil // somebody acted at the last moment
	}
	return err == nil, err
}

func (s *Service) expire(ctx context.Context, tx *store.Tx, deadlineID, matterID string, now time.Time) error {
	if err := Lock(ctx, tx, matterID); err != nil {
		return err
	}
	d, err := gorm.G[Deadline](tx.Gorm(ctx)).Where("id = ? AND met_at IS NULL AND then_at <= ?", deadlineID, now).First(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil // it was met, or moved
	}
	if err != nil {
		return fmt.Errorf("find what has run out: %w", err)
	}
	x, err := gorm.G[Matter](tx.Gorm(ctx)).Where("id = ?", matterID).First(ctx)
	if err != nil {
		return fmt.Errorf("find the matter that has run out: %w", err)
	}
	authors, err := Authors(ctx, tx, matterID)
	if err != nil {
		return err
	}
	since, err := s.reachable(ctx, tx, d, first(authors))
	if err != nil {
		return err
	}
	flow := s.heads[x.Kind].Flow
	state, _ := flow.State(x.Status)
	rule, ok := flow.Rule(state.Clock.Then)
	again, err := s.notYet(ctx, tx, d, since, now)
	if err != nil {
		return err
	}
	if !ok || state.Clock.Kind != d.Kind {
		again = now.Add(expireAgain)
	}
	if !again.IsZero() {
		// Looked at again later, and behind all others: one that cannot end must
		// not keep the rest from it.
		tx.Exec("UPDATE deadlines SET then_at = ? WHERE id = ?", again, d.ID)
		return nil
	}
	m := &Move{
		Tx: tx, Now: now, By: By{At: now}, System: true, Flow: flow, Rule: rule, Matter: x, Authors: authors,
		Subject: Subject{Table: "matters", ID: x.ID, Status: x.Status, Version: x.Version},
	}
	m.TellAuthors(notify.Decision, rule.Label, fmt.Sprintf("“%s”：%s。", x.Title, rule.Label), m.Words(flow.LabelOf(rule.To[0])))
	return s.Apply(ctx, m)
}

// reachable tells since when the first author of a deadline's matter could be told
// of it: a person since they are on the app, an institution that handed it up from
// the beginning, by the outbox. The zero time is never.
func (s *Service) reachable(ctx context.Context, tx *store.Tx, d Deadline, firstID string) (time.Time, error) {
	if firstID != "" {
		bound, err := account.BoundSince(ctx, tx, []string{firstID})
		return bound[firstID], err
	}
	lower, _, err := s.handedUpFrom(ctx, tx, d.MatterID)
	if err != nil || lower == nil {
		return time.Time{}, err
	}
	return d.StartedAt, nil
}

// notYet tells when a deadline that has run out is looked at again; the zero time
// where the system may act on it now. The first author is on the app since bound,
// or not at all.
func (s *Service) notYet(ctx context.Context, tx *store.Tx, d Deadline, bound, now time.Time) (time.Time, error) {
	merged, err := hasMerged(ctx, tx, d.MatterID)
	if err != nil || merged || bound.IsZero() {
		return now.Add(expireAgain), err
	}
	if !bound.After(d.StartedAt) {
		return time.Time{}, nil
	}
	whole, err := s.Due(ctx, tx, d.InstitutionID, bound, d.span())
	if err != nil || whole.After(now) {
		return whole, err
	}
	return time.Time{}, nil
}
