package matter

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// The faults of giving numbers.
var (
	ErrNumbered   = fault.New(fault.Conflict, "matter.numbered", "选中的事项里有的已经编号，或还没有受理，不能编号。请刷新后再选。")
	ErrNumberUsed = fault.New(fault.Conflict, "matter.number_used", "起始号已经用过，请改大一些。")
)

// MaxBulk is how many matters one act may take up.
const MaxBulk = 100

// Numbering is a list of matters to number.
type Numbering struct {
	Kind   Kind
	IDs    []string // in the order in which they get their numbers; at most MaxBulk
	In     []workflow.Status
	Start  int64 // the first number; 0: the next one
	Scope  string
	Format func(int64) string
}

// GiveNumbers numbers a list in the order that staff set. Numbers are never
// given twice: a start that was used is ErrNumberUsed. ErrNumbered tells that
// one of the list has a number, is not in a state to get one, or is not to be
// seen; then none gets one.
func (s *Service) GiveNumbers(ctx context.Context, tx *store.Tx, a member.Actor, n Numbering) ([]Matter, error) {
	if len(slices.Compact(slices.Sorted(slices.Values(n.IDs)))) != len(n.IDs) {
		return nil, ErrNumbered
	}
	if err := Lock(ctx, tx, n.IDs...); err != nil {
		return nil, err
	}
	condition, args := s.Visible(a)
	rows, err := gorm.G[Matter](tx.Gorm(ctx)).
		Where("id IN ? AND kind = ? AND number IS NULL AND status IN ?", n.IDs, n.Kind, n.In).Where(condition, args...).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find what to number: %w", err)
	}
	if len(rows) != len(n.IDs) {
		return nil, ErrNumbered
	}
	if n.Start > 0 {
		if err := s.startAt(ctx, tx, a.InstitutionID, n); err != nil {
			return nil, err
		}
	}
	lower, err := numberedBelow(ctx, tx, n.IDs)
	if err != nil {
		return nil, err
	}
	by := map[string]Matter{}
	for _, r := range rows {
		by[r.ID] = r
	}
	var done []Matter
	for _, id := range n.IDs {
		x := by[id]
		next, err := tx.Next(ctx, a.InstitutionID, string(n.Kind), n.Scope)
		if err != nil {
			return nil, err
		}
		number := n.Format(next)
		x.Number = &number
		now := s.now()
		tx.Exec("UPDATE matters SET number = ?, updated_at = ? WHERE id = ?", number, now, id)
		m := &Move{Tx: tx, Now: now, By: By{At: now}}
		for _, a := range lower[id] {
			m.sendTo(a, x, Feedback{Action: "number", Label: "编号", Comment: number})
		}
		done = append(done, x)
	}
	return done, nil
}

// numberedBelow finds of some matters the institutions below that may have handed
// them up, who learn of their numbers.
func numberedBelow(ctx context.Context, c store.Conn, ids []string) (map[string][]Author, error) {
	rows, err := gorm.G[Author](c.Gorm(ctx)).Where("matter_id IN ? AND body_kind = ?", ids, InstitutionBody).Order("matter_id, ordinal").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find who handed up what is numbered: %w", err)
	}
	by := map[string][]Author{}
	for _, a := range below(rows) {
		by[a.MatterID] = append(by[a.MatterID], a)
	}
	return by, nil
}

// startAt moves a counter forward, so that the next number is the wanted one.
func (s *Service) startAt(ctx context.Context, tx *store.Tx, institutionID string, n Numbering) error {
	next, err := tx.Next(ctx, institutionID, string(n.Kind), n.Scope) // locks the counter
	if err != nil {
		return err
	}
	if n.Start < next {
		return ErrNumberUsed
	}
	tx.Exec("UPDATE counters SET value = ? WHERE institution_id = ? AND kind = ? AND scope = ?", n.Start-1, institutionID, n.Kind, n.Scope)
	return nil
}
