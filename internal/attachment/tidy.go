package attachment

import (
	"context"
	"fmt"

	"yanlu/internal/store"
)

// tidied is how many attachments one step cleans up.
const tidied = 100

// Tidy cleans up what nothing refers to: attachments that waited for longer
// than Limits.KeepWaiting, and contents whose upload came to nothing as long
// ago. It takes a hundred of either at once and returns how many contents it
// deleted. Several servers may do it at the same time: a row is moved by one of
// them, and to delete a content twice is to delete it.
func (s *Service) Tidy(ctx context.Context) (int, error) {
	old := s.now().Add(-s.limits.KeepWaiting)
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		skip := ""
		if tx.Postgres() {
			skip = "FOR UPDATE SKIP LOCKED"
		}
		var gone []Upload
		err := tx.Gorm(ctx).Raw(`DELETE FROM attachments WHERE matter_id IS NULL AND id IN
			(SELECT id FROM attachments WHERE matter_id IS NULL AND created_at < ? ORDER BY created_at LIMIT ? `+skip+`)
			RETURNING id, created_at`, old, tidied).Scan(&gone).Error
		if err != nil {
			return fmt.Errorf("clean up attachments: %w", err)
		}
		if len(gone) > 0 { // their contents follow, now or when the bucket answers
			tx.Insert(&gone)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var ids []string
	err = s.db.Gorm(ctx).Raw("SELECT id FROM uploads WHERE created_at < ? ORDER BY created_at LIMIT ?", old, tidied).Scan(&ids).Error
	if err != nil {
		return 0, fmt.Errorf("clean up uploads: %w", err)
	}
	return len(ids), s.clear(ctx, ids)
}

// clear deletes contents, and then the rows that remember them.
func (s *Service) clear(ctx context.Context, ids []string) error {
	for _, id := range ids {
		for _, v := range []Variant{Original, Thumbnail} {
			if err := s.bucket.Delete(ctx, key(id, v)); err != nil {
				return err
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("DELETE FROM uploads WHERE id IN ?", ids)
		return nil
	})
}
