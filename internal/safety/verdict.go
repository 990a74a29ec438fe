package safety

import (
	"context"
	"fmt"
	"time"

	"yanlu/internal/store"
)

const (
	// awaitTime is how long the platform may take for a picture.
	awaitTime = 30 * time.Minute
	// fetchTries is how often a picture is given to a platform that could not
	// fetch it.
	fetchTries = 5
)

// open are the states in which a verdict is still news.
const open = "state IN ('QUEUED', 'ABSENT', 'SENT', 'UNCHECKED')"

// Verdict is what the platform tells of a picture. With an ErrorCode (-1008: it
// could not fetch it) there is no advice.
type Verdict struct {
	TraceID   string
	Suggest   Suggest
	Label     int
	ErrorCode int
}

// Told books a verdict on a picture. It may come again, which changes nothing,
// and before the answer to the call that asked for it.
func (s *Service) Told(ctx context.Context, v Verdict) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		// Both sides write the one row of the trace, so that the second of them
		// waits for the first and sees what it wrote.
		var rows []Trace
		err := tx.Gorm(ctx).Raw(`INSERT INTO media_traces (trace_id, told, suggest, label, error_code, at) VALUES (?, TRUE, ?, ?, ?, ?)
			ON CONFLICT (trace_id) DO UPDATE SET told = TRUE, suggest = excluded.suggest, label = excluded.label, error_code = excluded.error_code
			WHERE NOT media_traces.told RETURNING *`, v.TraceID, v.Suggest, v.Label, v.ErrorCode, s.now()).Scan(&rows).Error
		if err != nil || len(rows) == 0 || rows[0].CheckID == nil {
			return err
		}
		return s.apply(ctx, tx, *rows[0].CheckID, rows[0])
	})
	if err != nil {
		return fmt.Errorf("book a verdict on a picture: %w", err)
	}
	return nil
}

// sent notes that the platform has a picture, under a trace. A verdict that was
// faster holds.
func (s *Service) sent(ctx context.Context, c Check, traceID string) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		now := s.now()
		var rows []Trace
		err := tx.Gorm(ctx).Raw(`INSERT INTO media_traces (trace_id, check_id, told, suggest, label, error_code, at) VALUES (?, ?, FALSE, '', 0, 0, ?)
			ON CONFLICT (trace_id) DO UPDATE SET check_id = excluded.check_id RETURNING *`, traceID, c.ID, now).Scan(&rows).Error
		if err != nil {
			return err
		}
		if len(rows) == 1 && rows[0].Told {
			return s.apply(ctx, tx, c.ID, rows[0])
		}
		tx.Exec("UPDATE checks SET state = 'SENT', trace_id = ?, error_code = 0, gives_up_at = ? WHERE id = ? AND state = 'QUEUED'",
			traceID, now.Add(awaitTime), c.ID)
		return nil
	})
}

// apply writes the verdict on a picture, and holds a risky one back.
func (s *Service) apply(ctx context.Context, tx *store.Tx, id string, v Trace) error {
	if v.ErrorCode != 0 {
		return s.unfetched(ctx, tx, id, v.ErrorCode)
	}
	c, ok, err := s.mark(ctx, tx, id, v.Suggest, v.Label, v.TraceID)
	if err != nil || !ok {
		return err
	}
	if v.Suggest == Risky && c.AttachmentID != nil {
		s.pictures.Hold(tx, *c.AttachmentID)
	}
	return nil
}

// unfetched gives a picture to the platform again, and to staff after some tries.
func (s *Service) unfetched(ctx context.Context, tx *store.Tx, id string, code int) error {
	now := s.now()
	r := tx.Gorm(ctx).Exec(`UPDATE checks SET state = 'QUEUED', error_code = ?, next_at = ?, gives_up_at = ?
		WHERE id = ? AND state IN ('QUEUED', 'SENT') AND attempts < ?`, code, now.Add(backOff(fetchTries)), now.Add(s.o.Patience), id, fetchTries)
	if r.Error != nil || r.RowsAffected > 0 {
		return r.Error
	}
	tx.Exec("UPDATE checks SET state = 'UNCHECKED', error_code = ?, version = version + 1, done_at = ? WHERE id = ? AND state IN ('QUEUED', 'SENT')", code, now, id)
	return nil
}

// judged writes the verdict on a text.
func (s *Service) judged(ctx context.Context, c Check, a Answer) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		_, _, err := s.mark(ctx, tx, c.ID, a.Suggest, a.Label, a.TraceID)
		return err
	})
}

// mark writes a verdict, unless staff have decided or another text was handed in.
func (s *Service) mark(ctx context.Context, tx *store.Tx, id string, suggest Suggest, label int, traceID string) (Check, bool, error) {
	state := Marked
	if suggest == Pass {
		state = Passed
	}
	var rows []Check
	err := tx.Gorm(ctx).Raw(`UPDATE checks SET state = ?, suggest = ?, label = ?, trace_id = ?, error_code = 0, version = version + 1, done_at = ?
		WHERE id = ? AND `+open+` RETURNING *`, state, suggest, label, traceID, s.now(), id).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return Check{}, false, err
	}
	return rows[0], true, nil
}
