package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/fault"
)

// ErrKeyReused is the fault of a key that came before with another request.
var ErrKeyReused = fault.New(fault.Invalid, "idempotency.reused",
	"这次提交的编号已用于另一项内容，请返回重新提交。")

// Once is a row of the table idempotency: an act that was done under a key,
// with the answer that was given. Only acts that succeeded are kept.
type Once struct {
	AccountID string `gorm:"primaryKey"`
	Key       string `gorm:"primaryKey"`
	Route     string // method and path, with identifiers
	BodyHash  string
	Response  string // JSON
	CreatedAt time.Time
}

// TableName names the table.
func (Once) TableName() string { return "idempotency" }

// Once runs act in a transaction unless the key of want (account and key) has
// been used, and returns the answer of act as JSON. A twin that is under way is
// waited for: its row holds the primary key. The second return value tells that
// the answer is an earlier one. The same key with another route or body is
// ErrKeyReused.
func (db *DB) Once(ctx context.Context, want Once, act func(*Tx) (any, error)) (response json.RawMessage, replayed bool, err error) {
	row := want
	var actErr error
	err = db.Tx(ctx, func(tx *Tx) error {
		tx.Insert(&row)
		answer, err := act(tx)
		if err != nil {
			actErr = err
			return err
		}
		b, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("keep the answer: %w", err)
		}
		response = b
		if tx.begun {
			tx.Exec("UPDATE idempotency SET response = ? WHERE account_id = ? AND key = ?", string(b), row.AccountID, row.Key)
		} else {
			row.Response = string(b) // not sent yet: it goes with its answer
		}
		return nil
	})
	if err == nil {
		return response, false, nil
	}
	if actErr != nil && !IsDuplicate(actErr) {
		return nil, false, err
	}
	if !IsDuplicate(err) {
		return nil, false, err
	}
	had, findErr := db.once(ctx, want)
	if errors.Is(findErr, gorm.ErrRecordNotFound) {
		return nil, false, err // another unique constraint, not ours
	}
	if findErr != nil {
		return nil, false, fmt.Errorf("read the earlier answer: %w", findErr)
	}
	if had.Route != want.Route || had.BodyHash != want.BodyHash {
		return nil, false, ErrKeyReused
	}
	return json.RawMessage(had.Response), true, nil
}

func (db *DB) once(ctx context.Context, want Once) (Once, error) {
	return gorm.G[Once](db.Gorm(ctx)).Where("account_id = ? AND key = ?", want.AccountID, want.Key).First(ctx)
}

// Forget deletes answers older than a time, at most a thousand at once, and
// returns how many.
func (db *DB) Forget(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	err := db.Tx(ctx, func(tx *Tx) error {
		r := tx.Gorm(ctx).Exec(`DELETE FROM idempotency WHERE (account_id, key) IN
			(SELECT account_id, key FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT 1000)`, before)
		n = r.RowsAffected
		return r.Error
	})
	return n, err
}
