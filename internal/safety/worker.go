package safety

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"yanlu/internal/store"
)

// Outcome is how the platform took a question.
type Outcome int

// The outcomes, with the errcode of the platform behind each.
const (
	Judged   Outcome = iota // a text: there is a verdict
	Awaited                 // a picture: the verdict comes under the trace
	NotThere                // 61010: the person was not in the mini-program for two hours
	Hopeless                // 40003, 45002: asking again would not help
	Broken                  // 48001, an address: ours or the operator's to mend; asked again, and it alarms
	Later                   // -1, 45009, 40001, a time-out: ask again
)

// Question is what the platform is asked: about a text, or about the picture at
// an address.
type Question struct {
	OpenID  string
	Text    Text
	Address string
}

// Answer is how it went. Code and Cause are for the log, and repeat nothing of
// what was asked.
type Answer struct {
	Outcome Outcome
	Suggest Suggest
	Label   int
	TraceID string
	Code    int
	Cause   error
}

// Platform is what safety needs of WeChat.
type Platform interface {
	Ask(ctx context.Context, q Question) Answer
}

// Worker asks the platform. Any number may run, in any number of servers: a
// check is claimed by one at a time.
type Worker struct {
	s        *Service
	platform Platform
	log      *slog.Logger
}

// NewWorker returns a worker over the checks of s.
func NewWorker(s *Service, p Platform, log *slog.Logger) *Worker {
	return &Worker{s: s, platform: p, log: log}
}

// linkTime is how long the address of a picture is good: the platform fetches
// within half an hour.
const linkTime = 30 * time.Minute

// Step gives up what has waited too long, claims a batch and asks about it. It
// reports whether there may be more at once.
func (w *Worker) Step(ctx context.Context) (more bool, err error) {
	if err := w.s.giveUp(ctx); err != nil {
		return false, err
	}
	batch, err := w.s.claim(ctx)
	if err != nil {
		return false, fmt.Errorf("claim checks: %w", err)
	}
	ready, err := w.s.prepare(ctx, batch)
	if err != nil {
		return false, err
	}
	// A check takes at most half of the lease, so that one which begins in the
	// first half ends under its claim.
	enough := w.s.now().Add(w.s.o.Lease / 2)
	for _, r := range ready {
		if w.s.now().After(enough) || ctx.Err() != nil {
			return false, ctx.Err()
		}
		// What is on its way is finished also when the program stops: the answer
		// would be lost, and the text sent twice.
		if err := w.ask(context.WithoutCancel(ctx), r); err != nil {
			return false, fmt.Errorf("check %s: %w", r.ID, err)
		}
	}
	return len(batch) == w.s.o.Batch, nil
}

// claim takes what is due and moves its next try behind the lease, so that
// whoever dies with it only delays it.
func (s *Service) claim(ctx context.Context) ([]Check, error) {
	now := s.now()
	var batch []Check
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		return tx.Gorm(ctx).Raw(`UPDATE checks SET attempts = attempts + 1, next_at = ? WHERE id IN
			(SELECT id FROM checks WHERE state = 'QUEUED' AND next_at <= ? ORDER BY next_at LIMIT ? `+skipLocked(tx)+`) RETURNING *`,
			now.Add(s.o.Lease), now, s.o.Batch).Scan(&batch).Error
	})
	slices.SortFunc(batch, func(a, b Check) int { return strings.Compare(a.ID, b.ID) })
	return batch, err
}

func skipLocked(tx *store.Tx) string {
	if tx.Postgres() {
		return "FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// ask asks about one claimed check and writes what came of it.
func (w *Worker) ask(ctx context.Context, r readyCheck) error {
	if r.Address == "" && r.AttachmentID != nil {
		return w.s.leave(ctx, r.Check, 0) // no platform can fetch it here
	}
	if r.OpenID == "" {
		return w.s.absent(ctx, r.Check, 0)
	}
	bounded, cancel := context.WithTimeout(ctx, w.s.o.Lease/2)
	a := w.platform.Ask(bounded, r.Question)
	cancel()
	note := []any{"check", r.ID, "attempts", r.Attempts, "code", a.Code, "error", a.Cause}
	switch a.Outcome {
	case Judged:
		return w.s.judged(ctx, r.Check, a)
	case Awaited:
		return w.s.sent(ctx, r.Check, a.TraceID)
	case NotThere:
		return w.s.absent(ctx, r.Check, a.Code)
	case Hopeless:
		w.log.ErrorContext(ctx, "a check was refused for good and goes to staff", note...)
		return w.s.leave(ctx, r.Check, a.Code)
	case Broken:
		w.log.ErrorContext(ctx, "a check was refused: mend the settings of the mini-program", append(note, "alarm", true)...)
	default:
		w.log.WarnContext(ctx, "a check is tried again later", note...)
	}
	return w.s.again(ctx, r.Check, a.Code)
}

// backOff is the delay before the next try: it doubles from two seconds to an
// hour.
func backOff(attempts int) time.Duration { return min(time.Second<<min(attempts, 12), time.Hour) }

// again puts a check back with a growing delay. Whether it is worth it is a
// matter of time, not of tries: see giveUp.
func (s *Service) again(ctx context.Context, c Check, code int) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("UPDATE checks SET next_at = ?, error_code = ? WHERE id = ? AND state = 'QUEUED'", s.now().Add(backOff(c.Attempts)), code, c.ID)
		return nil
	})
}

// absent lets a check wait for the person's next visit. Who came while the
// platform was asked is asked for again, after a delay.
func (s *Service) absent(ctx context.Context, c Check, code int) error {
	claimed := c.NextAt.Add(-s.o.Lease)
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec(`UPDATE checks SET error_code = ?, next_at = ?, state = CASE WHEN EXISTS
			(SELECT 1 FROM sessions s WHERE s.account_id = checks.account_id AND s.seen_at >= ?) THEN 'QUEUED' ELSE 'ABSENT' END
			WHERE id = ? AND state = 'QUEUED'`, code, s.now().Add(backOff(c.Attempts)), claimed, c.ID)
		return nil
	})
}

// leave leaves a check to staff, without a verdict.
func (s *Service) leave(ctx context.Context, c Check, code int) error {
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec("UPDATE checks SET state = 'UNCHECKED', error_code = ?, version = version + 1, done_at = ? WHERE id = ? AND state = 'QUEUED'",
			code, s.now(), c.ID)
		return nil
	})
}

// giveUp leaves to staff what has waited too long: for the platform, for the
// person, or for a verdict on a picture.
func (s *Service) giveUp(ctx context.Context) error {
	now := s.now()
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		tx.Exec(`UPDATE checks SET state = 'UNCHECKED', version = version + 1, done_at = ? WHERE id IN (SELECT id FROM checks
			WHERE state IN ('QUEUED', 'ABSENT', 'SENT') AND gives_up_at <= ? ORDER BY gives_up_at LIMIT 1000 `+skipLocked(tx)+`)`, now, now)
		return nil
	})
	if err != nil {
		return fmt.Errorf("give up checks: %w", err)
	}
	return nil
}
