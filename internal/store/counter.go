package store

import (
	"context"
	"fmt"
)

// Counter is a row of running numbers: one for an institution, a kind and a
// scope such as a year or a session.
type Counter struct {
	InstitutionID string `gorm:"primaryKey"`
	Kind          string `gorm:"primaryKey"`
	Scope         string `gorm:"primaryKey"`
	Value         int64  // the last number that was given
}

// Next gives the next number of a counter, beginning with 1. The row stays
// locked until the transaction ends and rolls back with it, so that there is
// neither a gap nor a double. Lock it last: after the matter and the
// assignment.
func (tx *Tx) Next(ctx context.Context, institutionID, kind, scope string) (int64, error) {
	var n int64
	err := tx.Gorm(ctx).Raw(`INSERT INTO counters (institution_id, kind, scope, value) VALUES (?, ?, ?, 1)
		ON CONFLICT (institution_id, kind, scope) DO UPDATE SET value = counters.value + 1 RETURNING value`,
		institutionID, kind, scope).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("next number of %s %s: %w", kind, scope, err)
	}
	return n, nil
}
